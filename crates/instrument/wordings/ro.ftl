# The wording of an ACH debit authorization in Romanian; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Autorizez { $merchant } să facă o singură debitare electronică (ACH) de { $amount } din contul bancar pe care l-am indicat în acest formular, la data de { $date } sau ulterior.
mandate-recurring = Autorizez { $merchant } să facă debitări electronice (ACH) din contul bancar pe care l-am indicat în acest formular: { $amount }, { $frequency }, prima la data de { $date } sau ulterior, până când revoc această autorizare.
mandate-web = Dau această autorizare prin internet și confirm că sunt titularul contului sau că pot autoriza debitări din el.
mandate-ppd = Aceasta este autorizarea mea scrisă, pe care o semnez electronic, și confirm că sunt titularul contului sau că pot autoriza debitări din el.
mandate-ccd = Dau această autorizare în numele firmei titulare a contului, confirm că pot face acest lucru, iar firma acceptă să respecte regulile Nacha (Nacha Operating Rules).
mandate-revoke = O pot revoca anunțând { $merchant } cu cel puțin trei zile lucrătoare înainte de o debitare. Pot tipări sau salva acest text.
mandate-revoke-at = O pot revoca anunțând { $merchant } ({ $contact }) cu cel puțin trei zile lucrătoare înainte de o debitare. Pot tipări sau salva acest text.
mandate-varying = o sumă variabilă pe care { $merchant } mi-o comunică înainte de fiecare debitare
mandate-weekly = în fiecare săptămână
mandate-every-two-weeks = la fiecare două săptămâni
mandate-monthly = în fiecare lună
mandate-quarterly = la fiecare trei luni
mandate-every-six-months = la fiecare șase luni
mandate-yearly = în fiecare an
mandate-on-request = de fiecare dată când cer eu
