# The wording of an ACH debit authorization in Vietnamese; en.ftl says what may change.
mandate-version = 1
mandate-direction = ltr
mandate-once = Tôi cho phép { $merchant } ghi nợ điện tử (ACH) một lần số tiền { $amount } từ tài khoản ngân hàng mà tôi đã nhập trong biểu mẫu này, vào hoặc sau ngày { $date }.
mandate-recurring = Tôi cho phép { $merchant } ghi nợ điện tử (ACH) từ tài khoản ngân hàng mà tôi đã nhập trong biểu mẫu này: { $amount }, { $frequency }, lần đầu vào hoặc sau ngày { $date }, cho đến khi tôi thu hồi sự cho phép này.
mandate-web = Tôi cho phép qua internet và xác nhận rằng tài khoản là của tôi hoặc tôi có quyền cho phép ghi nợ tài khoản đó.
mandate-ppd = Đây là sự cho phép bằng văn bản của tôi, mà tôi ký bằng điện tử, và tôi xác nhận rằng tài khoản là của tôi hoặc tôi có quyền cho phép ghi nợ tài khoản đó.
mandate-ccd = Tôi cho phép thay mặt doanh nghiệp sở hữu tài khoản, tôi xác nhận rằng tôi có quyền làm vậy, và doanh nghiệp đồng ý tuân theo quy tắc của Nacha (Nacha Operating Rules).
mandate-revoke = Tôi có thể thu hồi bằng cách báo cho { $merchant } ít nhất ba ngày làm việc trước một lần ghi nợ. Tôi có thể in hoặc lưu văn bản này.
mandate-revoke-at = Tôi có thể thu hồi bằng cách báo cho { $merchant } ({ $contact }) ít nhất ba ngày làm việc trước một lần ghi nợ. Tôi có thể in hoặc lưu văn bản này.
mandate-varying = số tiền thay đổi mà { $merchant } báo cho tôi trước mỗi lần ghi nợ
mandate-weekly = mỗi tuần
mandate-every-two-weeks = hai tuần một lần
mandate-monthly = mỗi tháng
mandate-quarterly = ba tháng một lần
mandate-every-six-months = sáu tháng một lần
mandate-yearly = mỗi năm
mandate-on-request = mỗi khi tôi yêu cầu
