# The wording of an ACH debit authorization in Italian; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Autorizzo { $merchant } a un solo addebito elettronico (ACH) di { $amount } sul conto bancario che ho indicato in questo modulo, il { $date } o dopo.
mandate-recurring = Autorizzo { $merchant } ad addebiti elettronici (ACH) sul conto bancario che ho indicato in questo modulo: { $amount }, { $frequency }, il primo il { $date } o dopo, finché non revoco questa autorizzazione.
mandate-web = Do questa autorizzazione via internet e confermo di essere titolare del conto o di poter autorizzare addebiti su di esso.
mandate-ppd = Questa è la mia autorizzazione scritta, che firmo elettronicamente, e confermo di essere titolare del conto o di poter autorizzare addebiti su di esso.
mandate-ccd = Do questa autorizzazione per conto dell’azienda titolare del conto, confermo di poterlo fare, e l’azienda accetta di essere vincolata dalle regole di Nacha (Nacha Operating Rules).
mandate-revoke = Posso revocarla avvisando { $merchant } almeno tre giorni lavorativi prima di un addebito. Posso stampare o salvare questo testo.
mandate-revoke-at = Posso revocarla avvisando { $merchant } ({ $contact }) almeno tre giorni lavorativi prima di un addebito. Posso stampare o salvare questo testo.
mandate-varying = un importo variabile che { $merchant } mi comunica prima di ogni addebito
mandate-weekly = ogni settimana
mandate-every-two-weeks = ogni due settimane
mandate-monthly = ogni mese
mandate-quarterly = ogni tre mesi
mandate-every-six-months = ogni sei mesi
mandate-yearly = ogni anno
mandate-on-request = ogni volta che lo chiedo
