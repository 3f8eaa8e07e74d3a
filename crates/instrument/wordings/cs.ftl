# The wording of an ACH debit authorization in Czech; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Opravňuji { $merchant } k jednomu elektronickému inkasu (ACH) ve výši { $amount } z bankovního účtu, který jsem uvedl(a) v tomto formuláři, dne { $date } nebo později.
mandate-recurring = Opravňuji { $merchant } k elektronickým inkasům (ACH) z bankovního účtu, který jsem uvedl(a) v tomto formuláři: { $amount }, { $frequency }, poprvé dne { $date } nebo později, dokud toto oprávnění neodvolám.
mandate-web = Toto oprávnění dávám přes internet a potvrzuji, že účet je můj nebo že mohu povolovat inkasa z něj.
mandate-ppd = Toto je mé písemné oprávnění, které podepisuji elektronicky, a potvrzuji, že účet je můj nebo že mohu povolovat inkasa z něj.
mandate-ccd = Toto oprávnění dávám za firmu, které účet patří, potvrzuji, že to smím, a firma souhlasí, že je vázána pravidly Nacha (Nacha Operating Rules).
mandate-revoke = Mohu je odvolat tak, že to { $merchant } oznámím nejméně tři pracovní dny před inkasem. Tento text si mohu vytisknout nebo uložit.
mandate-revoke-at = Mohu je odvolat tak, že to { $merchant } ({ $contact }) oznámím nejméně tři pracovní dny před inkasem. Tento text si mohu vytisknout nebo uložit.
mandate-varying = proměnlivá částka, kterou mi { $merchant } oznámí před každým inkasem
mandate-weekly = každý týden
mandate-every-two-weeks = každé dva týdny
mandate-monthly = každý měsíc
mandate-quarterly = každé tři měsíce
mandate-every-six-months = každých šest měsíců
mandate-yearly = každý rok
mandate-on-request = pokaždé, když o to požádám
