// The server writes times and days in the zone that this cookie names. The first visit reloads once.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const pair = `porchlight_zone=${zone}`;
  const isSet = () => document.cookie.split("; ").includes(pair);
  if (!zone || isSet()) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${pair}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  if (isSet()) location.reload();
})();
