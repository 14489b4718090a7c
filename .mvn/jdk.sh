# Sourced by ./mvnw and ./caravan: sets JAVA_HOME to a JDK of version 21 or newer.

# Prints the feature release of the JDK in a folder ("25"), or 0 if there is none.
jdk_release() {
  [ -x "$1/bin/java" ] || { echo 0; return; }
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
  [ -n "$version" ] || version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p;1q')
  echo "${version:-0}"
}

# Order: JAVA_HOME if it is new enough, java on the PATH, then the newest JDK in the usual folders.
find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && [ "$(jdk_release "$JAVA_HOME")" -ge 21 ]; then return; fi
  best=0 home=
  on_path=$(command -v java 2>/dev/null) && on_path=$(readlink -f "$on_path" 2>/dev/null) && on_path=${on_path%/bin/java}
  for candidate in "${on_path:-/}" /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* \
      "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/* "${HOME:-/}"/.asdf/installs/java/* \
      "${HOME:-/}"/.local/share/mise/installs/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
      /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    release=$(jdk_release "$candidate")
    if [ "$release" -ge 21 ] && [ "$release" -gt "$best" ]; then best=$release home=$candidate; fi
  done
  if [ -z "$home" ]; then
    echo "Caravan needs a JDK of version 21 or newer, and none was found: install one (25 is best) or point JAVA_HOME at it." >&2
    return 1
  fi
  JAVA_HOME=$home
  export JAVA_HOME
}
