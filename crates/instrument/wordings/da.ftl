# The wording of an ACH debit authorization in Danish; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Jeg giver { $merchant } tilladelse til at trække { $amount } én gang fra den bankkonto, jeg har angivet i denne formular, ved en elektronisk betaling (ACH) den { $date } eller senere.
mandate-recurring = Jeg giver { $merchant } tilladelse til elektroniske træk (ACH) fra den bankkonto, jeg har angivet i denne formular: { $amount }, { $frequency }, første gang den { $date } eller senere, indtil jeg tilbagekalder tilladelsen.
mandate-web = Jeg giver denne tilladelse over internettet og bekræfter, at kontoen er min, eller at jeg må tillade træk fra den.
mandate-ppd = Dette er min skriftlige tilladelse, som jeg underskriver elektronisk, og jeg bekræfter, at kontoen er min, eller at jeg må tillade træk fra den.
mandate-ccd = Jeg giver denne tilladelse på vegne af den virksomhed, der ejer kontoen, jeg bekræfter, at jeg må det, og virksomheden accepterer at være bundet af Nachas regler (Nacha Operating Rules).
mandate-revoke = Jeg kan tilbagekalde den ved at give { $merchant } besked mindst tre bankdage før et træk. Jeg kan udskrive eller gemme denne tekst.
mandate-revoke-at = Jeg kan tilbagekalde den ved at give { $merchant } ({ $contact }) besked mindst tre bankdage før et træk. Jeg kan udskrive eller gemme denne tekst.
mandate-varying = et varierende beløb, som { $merchant } oplyser mig om før hvert træk
mandate-weekly = hver uge
mandate-every-two-weeks = hver anden uge
mandate-monthly = hver måned
mandate-quarterly = hver tredje måned
mandate-every-six-months = hver sjette måned
mandate-yearly = hvert år
mandate-on-request = hver gang jeg beder om det
