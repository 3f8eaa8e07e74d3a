# The wording of an ACH debit authorization in Swedish; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Jag ger { $merchant } tillåtelse att en gång dra { $amount } från det bankkonto som jag har angett i formuläret, genom en elektronisk debitering (ACH) den { $date } eller senare.
mandate-recurring = Jag ger { $merchant } tillåtelse till elektroniska debiteringar (ACH) av det bankkonto som jag har angett i formuläret: { $amount }, { $frequency }, första gången den { $date } eller senare, tills jag återkallar tillåtelsen.
mandate-web = Jag ger denna tillåtelse via internet och bekräftar att kontot är mitt eller att jag får tillåta debiteringar av det.
mandate-ppd = Detta är min skriftliga tillåtelse, som jag undertecknar elektroniskt, och jag bekräftar att kontot är mitt eller att jag får tillåta debiteringar av det.
mandate-ccd = Jag ger denna tillåtelse för det företag som äger kontot, jag bekräftar att jag får göra det, och företaget godtar att vara bundet av Nachas regler (Nacha Operating Rules).
mandate-revoke = Jag kan återkalla den genom att meddela { $merchant } minst tre bankdagar före en debitering. Jag kan skriva ut eller spara denna text.
mandate-revoke-at = Jag kan återkalla den genom att meddela { $merchant } ({ $contact }) minst tre bankdagar före en debitering. Jag kan skriva ut eller spara denna text.
mandate-varying = ett varierande belopp som { $merchant } meddelar mig före varje debitering
mandate-weekly = varje vecka
mandate-every-two-weeks = varannan vecka
mandate-monthly = varje månad
mandate-quarterly = var tredje månad
mandate-every-six-months = var sjätte månad
mandate-yearly = varje år
mandate-on-request = varje gång jag ber om det
