# Becomes the given command, and leaves a guard beside it that ends the command when the parent is gone.
# File descriptor 3 is a pipe from the parent. The kernel closes it however the parent ends, SIGKILL included,
# and the guard's read then fails; a line on it means that the command has ended and the guard may go.
# (PR_SET_PDEATHSIG would do the same, but neither Node nor macOS has it.)
(
  if ! read -r _ <&3; then
    kill -TERM $$
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      sleep 1
      kill -0 $$ || exit 0
    done
    kill -KILL $$
    # `docker run` is gone; its container may not be.
    [ -z "$FOOTFALL_CONTAINER" ] || docker rm --force "$FOOTFALL_CONTAINER"
  fi
) 2>/dev/null &
exec "$@" 3<&-
