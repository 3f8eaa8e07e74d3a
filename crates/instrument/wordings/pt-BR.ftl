# The wording of an ACH debit authorization in Portuguese as in Brazil; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Autorizo { $merchant } a fazer um único débito eletrônico (ACH) de { $amount } na conta bancária que informei neste formulário, em { $date } ou depois.
mandate-recurring = Autorizo { $merchant } a fazer débitos eletrônicos (ACH) na conta bancária que informei neste formulário: { $amount }, { $frequency }, o primeiro em { $date } ou depois, até que eu revogue esta autorização.
mandate-web = Dou esta autorização pela internet e confirmo que sou titular da conta ou que posso autorizar débitos nela.
mandate-ppd = Esta é minha autorização por escrito, que assino eletronicamente, e confirmo que sou titular da conta ou que posso autorizar débitos nela.
mandate-ccd = Dou esta autorização em nome da empresa titular da conta, confirmo que posso fazê-lo, e a empresa aceita ficar sujeita às regras da Nacha (Nacha Operating Rules).
mandate-revoke = Posso revogá-la avisando { $merchant } pelo menos três dias úteis antes de um débito. Posso imprimir ou salvar este texto.
mandate-revoke-at = Posso revogá-la avisando { $merchant } ({ $contact }) pelo menos três dias úteis antes de um débito. Posso imprimir ou salvar este texto.
mandate-varying = um valor variável que { $merchant } me informa antes de cada débito
mandate-weekly = toda semana
mandate-every-two-weeks = a cada duas semanas
mandate-monthly = todo mês
mandate-quarterly = a cada três meses
mandate-every-six-months = a cada seis meses
mandate-yearly = todo ano
mandate-on-request = cada vez que eu pedir
