# The wording of an ACH debit authorization in Polish; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Upoważniam { $merchant } do jednorazowego elektronicznego obciążenia (ACH) kwotą { $amount } rachunku bankowego podanego przeze mnie w tym formularzu, dnia { $date } lub później.
mandate-recurring = Upoważniam { $merchant } do elektronicznych obciążeń (ACH) rachunku bankowego podanego przeze mnie w tym formularzu: { $amount }, { $frequency }, po raz pierwszy dnia { $date } lub później, dopóki nie odwołam tego upoważnienia.
mandate-web = Udzielam tego upoważnienia przez internet i potwierdzam, że rachunek należy do mnie lub że mogę zezwalać na jego obciążanie.
mandate-ppd = To jest moje pisemne upoważnienie, które podpisuję elektronicznie, i potwierdzam, że rachunek należy do mnie lub że mogę zezwalać na jego obciążanie.
mandate-ccd = Udzielam tego upoważnienia w imieniu firmy, do której należy rachunek, potwierdzam, że mogę to zrobić, a firma zgadza się podlegać zasadom Nacha (Nacha Operating Rules).
mandate-revoke = Mogę je odwołać, zawiadamiając { $merchant } co najmniej trzy dni robocze przed obciążeniem. Mogę wydrukować lub zapisać ten tekst.
mandate-revoke-at = Mogę je odwołać, zawiadamiając { $merchant } ({ $contact }) co najmniej trzy dni robocze przed obciążeniem. Mogę wydrukować lub zapisać ten tekst.
mandate-varying = zmienna kwota, o której { $merchant } zawiadamia mnie przed każdym obciążeniem
mandate-weekly = co tydzień
mandate-every-two-weeks = co dwa tygodnie
mandate-monthly = co miesiąc
mandate-quarterly = co trzy miesiące
mandate-every-six-months = co sześć miesięcy
mandate-yearly = co rok
mandate-on-request = za każdym razem, gdy o to poproszę
