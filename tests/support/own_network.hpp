#pragma once

namespace haetae::test {

/// enter_own_network() moves this thread, and those it starts later, into a network namespace with
/// nothing but its loopback. Loopback addresses otherwise share every listener that the machine has
/// on 0.0.0.0. It works as root, and as an ordinary user where user namespaces are allowed; it
/// throws where neither is. A second call does nothing.
void enter_own_network();

}  // namespace haetae::test
