#!/bin/sh
# Installs Chromium and the fonts that the panel's glyphs need, where the machine lacks them. Debian's packages only:
# no browser is downloaded from anywhere else.
set -u
need=
command -v "${CODEX_JUPYTER_CHROMIUM:-chromium}" >/dev/null 2>&1 || need="chromium"
for font in fonts-dejavu-core fonts-noto-color-emoji; do
  dpkg -s "$font" >/dev/null 2>&1 || need="$need $font"
done
[ -z "$need" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing$(printf ' %s' $need) with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 - a list of packages
  { apt-get update -q && apt-get install -y -q --no-install-recommends $need; } >/dev/null </dev/null && exit 0
fi
command -v "${CODEX_JUPYTER_CHROMIUM:-chromium}" >/dev/null 2>&1 && exit 0  # without the fonts: plainer pictures
echo "The browser tests need Chromium: apt-get install chromium, or set CODEX_JUPYTER_CHROMIUM to one." >&2
exit 1
