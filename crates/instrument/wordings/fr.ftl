# The wording of an ACH debit authorization in French; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = J’autorise { $merchant } à effectuer un seul prélèvement électronique (ACH) de { $amount } sur le compte bancaire que j’ai indiqué dans ce formulaire, le { $date } ou après.
mandate-recurring = J’autorise { $merchant } à effectuer des prélèvements électroniques (ACH) sur le compte bancaire que j’ai indiqué dans ce formulaire : { $amount }, { $frequency }, le premier le { $date } ou après, jusqu’à ce que je révoque cette autorisation.
mandate-web = Je donne cette autorisation par internet et je confirme que je suis titulaire du compte ou que je peux y autoriser des prélèvements.
mandate-ppd = Ceci est mon autorisation écrite, que je signe électroniquement, et je confirme que je suis titulaire du compte ou que je peux y autoriser des prélèvements.
mandate-ccd = Je donne cette autorisation au nom de l’entreprise titulaire du compte, je confirme que je peux le faire, et l’entreprise accepte d’être liée par les règles de Nacha (Nacha Operating Rules).
mandate-revoke = Je peux la révoquer en prévenant { $merchant } au moins trois jours ouvrables avant un prélèvement. Je peux imprimer ou enregistrer ce texte.
mandate-revoke-at = Je peux la révoquer en prévenant { $merchant } ({ $contact }) au moins trois jours ouvrables avant un prélèvement. Je peux imprimer ou enregistrer ce texte.
mandate-varying = un montant variable que { $merchant } m’indique avant chaque prélèvement
mandate-weekly = chaque semaine
mandate-every-two-weeks = toutes les deux semaines
mandate-monthly = chaque mois
mandate-quarterly = tous les trois mois
mandate-every-six-months = tous les six mois
mandate-yearly = chaque année
mandate-on-request = chaque fois que je le demande
