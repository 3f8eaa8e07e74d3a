# The wording of an ACH debit authorization in Indonesian; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Saya mengizinkan { $merchant } mendebit { $amount } satu kali dari rekening bank yang saya isi di formulir ini, melalui debit elektronik (ACH) pada atau setelah { $date }.
mandate-recurring = Saya mengizinkan { $merchant } melakukan debit elektronik (ACH) dari rekening bank yang saya isi di formulir ini: { $amount }, { $frequency }, yang pertama pada atau setelah { $date }, sampai saya mencabut izin ini.
mandate-web = Saya memberikan izin ini melalui internet dan menyatakan bahwa rekening ini milik saya atau bahwa saya boleh mengizinkan debit darinya.
mandate-ppd = Ini adalah izin tertulis saya, yang saya tanda tangani secara elektronik, dan saya menyatakan bahwa rekening ini milik saya atau bahwa saya boleh mengizinkan debit darinya.
mandate-ccd = Saya memberikan izin ini atas nama perusahaan pemilik rekening, saya menyatakan bahwa saya boleh melakukannya, dan perusahaan setuju untuk terikat pada aturan Nacha (Nacha Operating Rules).
mandate-revoke = Saya dapat mencabutnya dengan memberi tahu { $merchant } paling lambat tiga hari kerja sebelum debit. Saya boleh mencetak atau menyimpan teks ini.
mandate-revoke-at = Saya dapat mencabutnya dengan memberi tahu { $merchant } ({ $contact }) paling lambat tiga hari kerja sebelum debit. Saya boleh mencetak atau menyimpan teks ini.
mandate-varying = jumlah yang berubah-ubah, yang { $merchant } beri tahukan kepada saya sebelum setiap debit
mandate-weekly = setiap minggu
mandate-every-two-weeks = setiap dua minggu
mandate-monthly = setiap bulan
mandate-quarterly = setiap tiga bulan
mandate-every-six-months = setiap enam bulan
mandate-yearly = setiap tahun
mandate-on-request = setiap kali saya memintanya
