# The wording of an ACH debit authorization in Dutch; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Ik machtig { $merchant } om eenmalig { $amount } af te schrijven van de bankrekening die ik in dit formulier heb opgegeven, met een elektronische afschrijving (ACH) op { $date } of later.
mandate-recurring = Ik machtig { $merchant } tot elektronische afschrijvingen (ACH) van de bankrekening die ik in dit formulier heb opgegeven: { $amount }, { $frequency }, voor het eerst op { $date } of later, totdat ik deze machtiging intrek.
mandate-web = Ik geef deze machtiging via internet en bevestig dat de rekening van mij is of dat ik er afschrijvingen van mag toestaan.
mandate-ppd = Dit is mijn schriftelijke machtiging, die ik elektronisch onderteken, en ik bevestig dat de rekening van mij is of dat ik er afschrijvingen van mag toestaan.
mandate-ccd = Ik geef deze machtiging namens het bedrijf waarvan de rekening is, ik bevestig dat ik dat mag, en het bedrijf aanvaardt dat de regels van Nacha (Nacha Operating Rules) voor het bedrijf gelden.
mandate-revoke = Ik kan de machtiging intrekken door dit minstens drie werkdagen vóór een afschrijving aan { $merchant } te melden. Ik kan deze tekst afdrukken of bewaren.
mandate-revoke-at = Ik kan de machtiging intrekken door dit minstens drie werkdagen vóór een afschrijving aan { $merchant } ({ $contact }) te melden. Ik kan deze tekst afdrukken of bewaren.
mandate-varying = een wisselend bedrag dat { $merchant } mij vóór elke afschrijving meldt
mandate-weekly = elke week
mandate-every-two-weeks = elke twee weken
mandate-monthly = elke maand
mandate-quarterly = elke drie maanden
mandate-every-six-months = elke zes maanden
mandate-yearly = elk jaar
mandate-on-request = telkens wanneer ik erom vraag
