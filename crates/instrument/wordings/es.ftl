# The wording of an ACH debit authorization in Spanish; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Autorizo a { $merchant } a realizar un único cargo electrónico (ACH) de { $amount } en la cuenta bancaria que he indicado en este formulario, el { $date } o después.
mandate-recurring = Autorizo a { $merchant } a realizar cargos electrónicos (ACH) en la cuenta bancaria que he indicado en este formulario: { $amount }, { $frequency }, el primero el { $date } o después, hasta que revoque esta autorización.
mandate-web = Doy esta autorización por internet y confirmo que soy titular de la cuenta o que puedo autorizar cargos en ella.
mandate-ppd = Esta es mi autorización por escrito, que firmo electrónicamente, y confirmo que soy titular de la cuenta o que puedo autorizar cargos en ella.
mandate-ccd = Doy esta autorización en nombre de la empresa titular de la cuenta, confirmo que puedo hacerlo, y la empresa acepta quedar sujeta a las reglas operativas de Nacha (Nacha Operating Rules).
mandate-revoke = Puedo revocarla avisando a { $merchant } al menos tres días hábiles antes de un cargo. Puedo imprimir o guardar este texto.
mandate-revoke-at = Puedo revocarla avisando a { $merchant } ({ $contact }) al menos tres días hábiles antes de un cargo. Puedo imprimir o guardar este texto.
mandate-varying = un importe variable que { $merchant } me comunica antes de cada cargo
mandate-weekly = cada semana
mandate-every-two-weeks = cada dos semanas
mandate-monthly = cada mes
mandate-quarterly = cada tres meses
mandate-every-six-months = cada seis meses
mandate-yearly = cada año
mandate-on-request = cada vez que yo lo pida
