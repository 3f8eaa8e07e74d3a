# The wording of an ACH debit authorization in Hungarian; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Felhatalmazom a következőt: { $merchant }, hogy egyszer elektronikus terheléssel (ACH) { $amount } összeget terheljen az ezen az űrlapon megadott bankszámlámra, { $date } napján vagy később.
mandate-recurring = Felhatalmazom a következőt: { $merchant }, hogy elektronikus terhelésekkel (ACH) terhelje az ezen az űrlapon megadott bankszámlámat: { $amount }, { $frequency }, először { $date } napján vagy később, amíg vissza nem vonom a felhatalmazást.
mandate-web = Ezt a felhatalmazást az interneten adom, és megerősítem, hogy a számla az enyém, vagy engedélyezhetem a terhelését.
mandate-ppd = Ez az írásbeli felhatalmazásom, amelyet elektronikusan írok alá, és megerősítem, hogy a számla az enyém, vagy engedélyezhetem a terhelését.
mandate-ccd = Ezt a felhatalmazást a számlát birtokló cég nevében adom, megerősítem, hogy ezt megtehetem, és a cég magára nézve kötelezőnek fogadja el a Nacha szabályait (Nacha Operating Rules).
mandate-revoke = Visszavonhatom, ha legalább három munkanappal egy terhelés előtt értesítem a következőt: { $merchant }. Ezt a szöveget kinyomtathatom vagy elmenthetem.
mandate-revoke-at = Visszavonhatom, ha legalább három munkanappal egy terhelés előtt értesítem a következőt: { $merchant } ({ $contact }). Ezt a szöveget kinyomtathatom vagy elmenthetem.
mandate-varying = változó összeg, amelyet minden terhelés előtt közöl velem a következő: { $merchant }
mandate-weekly = hetente
mandate-every-two-weeks = kéthetente
mandate-monthly = havonta
mandate-quarterly = háromhavonta
mandate-every-six-months = félévente
mandate-yearly = évente
mandate-on-request = minden alkalommal, amikor kérem
