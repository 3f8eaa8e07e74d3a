# The wording of an ACH debit authorization in Portuguese as in Portugal; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Autorizo { $merchant } a efetuar um único débito eletrónico (ACH) de { $amount } na conta bancária que indiquei neste formulário, em { $date } ou depois.
mandate-recurring = Autorizo { $merchant } a efetuar débitos eletrónicos (ACH) na conta bancária que indiquei neste formulário: { $amount }, { $frequency }, o primeiro em { $date } ou depois, até que eu revogue esta autorização.
mandate-web = Dou esta autorização pela internet e confirmo que sou titular da conta ou que posso autorizar débitos nela.
mandate-ppd = Esta é a minha autorização por escrito, que assino eletronicamente, e confirmo que sou titular da conta ou que posso autorizar débitos nela.
mandate-ccd = Dou esta autorização em nome da empresa titular da conta, confirmo que o posso fazer, e a empresa aceita ficar sujeita às regras da Nacha (Nacha Operating Rules).
mandate-revoke = Posso revogá-la avisando { $merchant } pelo menos três dias úteis antes de um débito. Posso imprimir ou guardar este texto.
mandate-revoke-at = Posso revogá-la avisando { $merchant } ({ $contact }) pelo menos três dias úteis antes de um débito. Posso imprimir ou guardar este texto.
mandate-varying = um montante variável que { $merchant } me comunica antes de cada débito
mandate-weekly = todas as semanas
mandate-every-two-weeks = de duas em duas semanas
mandate-monthly = todos os meses
mandate-quarterly = de três em três meses
mandate-every-six-months = de seis em seis meses
mandate-yearly = todos os anos
mandate-on-request = sempre que eu o pedir
