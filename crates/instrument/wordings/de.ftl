# The wording of an ACH debit authorization in German; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Ich ermächtige { $merchant }, { $amount } einmalig von dem Bankkonto einzuziehen, das ich in diesem Formular angegeben habe, durch eine elektronische Abbuchung (ACH) am { $date } oder danach.
mandate-recurring = Ich ermächtige { $merchant } zu elektronischen Abbuchungen (ACH) von dem Bankkonto, das ich in diesem Formular angegeben habe: { $amount }, { $frequency }, zum ersten Mal am { $date } oder danach, bis ich diese Ermächtigung widerrufe.
mandate-web = Ich erteile diese Ermächtigung über das Internet und bestätige, dass mir das Konto gehört oder dass ich Abbuchungen davon erlauben darf.
mandate-ppd = Dies ist meine schriftliche Ermächtigung, die ich elektronisch unterschreibe, und ich bestätige, dass mir das Konto gehört oder dass ich Abbuchungen davon erlauben darf.
mandate-ccd = Ich erteile diese Ermächtigung für das Unternehmen, dem das Konto gehört, ich bestätige, dass ich das darf, und das Unternehmen erkennt die Regeln von Nacha (Nacha Operating Rules) als bindend an.
mandate-revoke = Ich kann sie widerrufen, indem ich es { $merchant } mindestens drei Geschäftstage vor einer Abbuchung mitteile. Ich kann diesen Text drucken oder speichern.
mandate-revoke-at = Ich kann sie widerrufen, indem ich es { $merchant } ({ $contact }) mindestens drei Geschäftstage vor einer Abbuchung mitteile. Ich kann diesen Text drucken oder speichern.
mandate-varying = ein wechselnder Betrag, den { $merchant } mir vor jeder Abbuchung mitteilt
mandate-weekly = jede Woche
mandate-every-two-weeks = alle zwei Wochen
mandate-monthly = jeden Monat
mandate-quarterly = alle drei Monate
mandate-every-six-months = alle sechs Monate
mandate-yearly = jedes Jahr
mandate-on-request = jedes Mal, wenn ich es verlange
