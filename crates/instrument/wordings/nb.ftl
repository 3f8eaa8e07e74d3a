# The wording of an ACH debit authorization in Norwegian (Bokmål); en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Jeg gir { $merchant } tillatelse til å belaste bankkontoen jeg har oppgitt i dette skjemaet med { $amount } én gang, ved en elektronisk belastning (ACH) { $date } eller senere.
mandate-recurring = Jeg gir { $merchant } tillatelse til elektroniske belastninger (ACH) av bankkontoen jeg har oppgitt i dette skjemaet: { $amount }, { $frequency }, første gang { $date } eller senere, til jeg trekker tillatelsen tilbake.
mandate-web = Jeg gir denne tillatelsen over internett og bekrefter at kontoen er min, eller at jeg kan tillate belastninger av den.
mandate-ppd = Dette er min skriftlige tillatelse, som jeg signerer elektronisk, og jeg bekrefter at kontoen er min, eller at jeg kan tillate belastninger av den.
mandate-ccd = Jeg gir denne tillatelsen på vegne av virksomheten som eier kontoen, jeg bekrefter at jeg kan gjøre det, og virksomheten godtar å være bundet av reglene til Nacha (Nacha Operating Rules).
mandate-revoke = Jeg kan trekke den tilbake ved å gi { $merchant } beskjed minst tre virkedager før en belastning. Jeg kan skrive ut eller lagre denne teksten.
mandate-revoke-at = Jeg kan trekke den tilbake ved å gi { $merchant } ({ $contact }) beskjed minst tre virkedager før en belastning. Jeg kan skrive ut eller lagre denne teksten.
mandate-varying = et varierende beløp som { $merchant } opplyser meg om før hver belastning
mandate-weekly = hver uke
mandate-every-two-weeks = annenhver uke
mandate-monthly = hver måned
mandate-quarterly = hver tredje måned
mandate-every-six-months = hver sjette måned
mandate-yearly = hvert år
mandate-on-request = hver gang jeg ber om det
