/** The frame's token in the words of JavaScript. */
export const tokenOf = ({ token, kind, scheme, bin, last4, exp_month, exp_year, expires_at, preferred_scheme }) => ({
  token,
  kind,
  scheme,
  preferredScheme: preferred_scheme ?? null,
  bin,
  last4,
  expMonth: exp_month,
  expYear: exp_year,
  expiresAt: expires_at,
});
