# The wording of an ACH debit authorization in Finnish; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Annan luvan: { $merchant } saa veloittaa { $amount } yhden kerran pankkitililtä, jonka olen ilmoittanut tällä lomakkeella, sähköisenä veloituksena (ACH) { $date } tai sen jälkeen.
mandate-recurring = Annan luvan: { $merchant } saa tehdä sähköisiä veloituksia (ACH) pankkitililtä, jonka olen ilmoittanut tällä lomakkeella: { $amount }, { $frequency }, ensimmäisen kerran { $date } tai sen jälkeen, kunnes peruutan luvan.
mandate-web = Annan tämän luvan internetissä ja vahvistan, että tili on minun tai että saan sallia veloituksia siltä.
mandate-ppd = Tämä on kirjallinen lupani, jonka allekirjoitan sähköisesti, ja vahvistan, että tili on minun tai että saan sallia veloituksia siltä.
mandate-ccd = Annan tämän luvan tilin omistavan yrityksen puolesta, vahvistan, että saan tehdä niin, ja yritys sitoutuu noudattamaan Nachan sääntöjä (Nacha Operating Rules).
mandate-revoke = Voin peruuttaa luvan ilmoittamalla siitä vähintään kolme pankkipäivää ennen veloitusta. Ilmoituksen saa { $merchant }. Voin tulostaa tai tallentaa tämän tekstin.
mandate-revoke-at = Voin peruuttaa luvan ilmoittamalla siitä vähintään kolme pankkipäivää ennen veloitusta. Ilmoituksen saa { $merchant } ({ $contact }). Voin tulostaa tai tallentaa tämän tekstin.
mandate-varying = vaihteleva summa, jonka { $merchant } ilmoittaa minulle ennen jokaista veloitusta
mandate-weekly = joka viikko
mandate-every-two-weeks = joka toinen viikko
mandate-monthly = joka kuukausi
mandate-quarterly = joka kolmas kuukausi
mandate-every-six-months = joka kuudes kuukausi
mandate-yearly = joka vuosi
mandate-on-request = joka kerta, kun pyydän sitä
