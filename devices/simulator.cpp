#include "devices/simulator.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "devices/console.hpp"
#include "devices/device.hpp"

namespace haetae::devices {
namespace {

constexpr std::size_t kMostConnections = 512;

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

struct Listener {
  Descriptor socket;
  Port port;
  std::string address;
};

/// Endpoint is an address and port in the form that the kernel wants.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

std::optional<Endpoint> endpoint(const std::string& address, std::uint16_t port) {
  Endpoint result;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    result.length = sizeof *v4;
    return result;
  }
  result.storage = {};
  if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) != 1) return std::nullopt;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  result.length = sizeof *v6;
  return result;
}

std::string text_of(const sockaddr_storage& storage) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* source =
      storage.ss_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr)
          : &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
  ::inet_ntop(storage.ss_family, source, text.data(), text.size());
  return text.data();
}

Outcome<Listener> try_listener(const std::string& address, const Port& port, int& why) {
  const auto place = endpoint(address, port.number);
  if (!place) return tl::unexpected(fmt::format("'{}' is no IP address", address));
  const bool tcp = port.transport == "tcp";
  Listener result{
      Descriptor(::socket(place->storage.ss_family,
                          (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      port, address};
  const int on = 1;
  const int descriptor = result.socket.get();
  if (tcp) (void)::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (place->storage.ss_family == AF_INET6)
    (void)::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&place->storage), place->length) != 0 ||
      (tcp && ::listen(descriptor, 256) != 0)) {
    why = errno;
    return tl::unexpected(fmt::format("cannot open {} {}/{}: {}", address, port.transport,
                                      port.number, std::strerror(why)));
  }
  return result;
}

/// open_listener() tries again for a while: a port that was just closed stays in use as long as a
/// child process that another thread started has not become its own program.
Outcome<Listener> open_listener(const std::string& address, const Port& port) {
  constexpr int kTries = 150;
  for (int tries = 1;; ++tries) {
    int why = 0;
    auto listener = try_listener(address, port, why);
    if (listener || why != EADDRINUSE || tries == kTries) return listener;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

constexpr std::string_view kMedia = "media ";

}  // namespace

struct Simulator::Impl {
  using Listeners = std::shared_ptr<const std::vector<Listener>>;

  Impl(Personality personality, std::filesystem::path socket)
      : device(std::move(personality)), control_path(std::move(socket)) {}
  ~Impl() { stop(); }

  Outcome<void> open_ports();
  void open_one(std::uint16_t number);
  Outcome<void> open_control();
  Outcome<void> open_console();
  void close_ports();
  void cut_connections();
  void stop();
  void wake_up() const;

  void run_network();
  /// insert_card() gives the device a memory card with one update file on it.
  [[nodiscard]] Outcome<std::string> insert_card(const std::string& file);
  void run_control(Simulator& simulator);
  void accept_one(const Listener& listener);
  void serve(const Port& port, int descriptor, const std::string& peer, const std::string& local,
             std::uint64_t number);
  void dispatch(const Port& port, Connection& connection);
  void answer_udp(const Listener& listener);
  void misbehave(std::uint64_t number);
  void run_later();

  Device device;
  ConsoleBoard board{device.settings, device.personality.maker.model};
  std::unique_ptr<ConsoleServer> console;
  std::filesystem::path control_path;
  Descriptor control, wake{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)},
      control_wake{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  std::mutex mutex;
  std::condition_variable changed;
  Listeners listeners = std::make_shared<std::vector<Listener>>();
  std::uint64_t wanted = 0, seen = 0;          ///< generations of the listener list
  std::map<std::uint64_t, Descriptor> living;  ///< duplicates, to cut a connection from outside
  std::size_t running = 0;
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<bool> stopping{false}, hanging{false};
  std::mutex power_mutex;  ///< of power_cycle()
  std::mutex later_mutex;
  std::condition_variable later_changed;
  std::deque<std::function<void()>> later;  ///< what the device does after its answer
  std::thread network, controller, worker;
  std::unique_ptr<Simulator> second;  ///< another unit of the product
};

void Simulator::Impl::wake_up() const {
  const std::uint64_t one = 1;
  (void)!::write(wake.get(), &one, sizeof one);
}

Outcome<void> Simulator::Impl::open_ports() {
  std::vector<Listener> opened;
  for (const auto& address : device.personality.addresses()) {
    for (const auto& port : device.personality.services) {
      auto listener = open_listener(address, port);
      if (!listener) return tl::unexpected(listener.error());
      opened.push_back(std::move(*listener));
    }
  }
  const std::lock_guard lock(mutex);
  listeners = std::make_shared<const std::vector<Listener>>(std::move(opened));
  ++wanted;
  wake_up();
  return {};
}

/// open_one() adds a port to those that are open; it closes with them.
void Simulator::Impl::open_one(std::uint16_t number) {
  const std::lock_guard lock(mutex);
  std::vector<Listener> all;
  for (const Listener& one : *listeners) {
    if (one.port.transport == "tcp" && one.port.number == number) return;
    all.push_back(
        {Descriptor(::fcntl(one.socket.get(), F_DUPFD_CLOEXEC, 0)), one.port, one.address});
  }
  Port port;
  port.transport = "tcp";
  port.number = number;
  port.kind = "echo";
  for (const auto& address : device.personality.addresses())
    if (auto opened = open_listener(address, port)) all.push_back(std::move(*opened));
  listeners = std::make_shared<const std::vector<Listener>>(std::move(all));
  ++wanted;
  wake_up();
}

Outcome<void> Simulator::Impl::open_control() {
  if (control_path.empty()) return {};
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  const auto text = control_path.string();
  if (text.size() >= sizeof place.sun_path)
    return tl::unexpected(fmt::format("{}: the path is too long for a socket", text));
  std::memcpy(place.sun_path, text.c_str(), text.size() + 1);
  control = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  ::unlink(text.c_str());
  if (::bind(control.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 ||
      ::listen(control.get(), 8) != 0)
    return tl::unexpected(fmt::format("cannot open {}: {}", text, std::strerror(errno)));
  return {};
}

/// open_console() opens the console server where the personality has one and its address is ours.
Outcome<void> Simulator::Impl::open_console() {
  const int port = device.settings.number("console.port");
  const auto address = console_address(device.personality.addresses().front());
  if (port == 0 || address.empty()) return {};
  auto opened = ConsoleServer::start(address, static_cast<std::uint16_t>(port), board);
  if (!opened) return tl::unexpected(opened.error());
  console = std::move(*opened);
  return {};
}

/// close_ports() returns when the sockets are closed; the network thread itself need not wait.
void Simulator::Impl::close_ports() {
  std::unique_lock lock(mutex);
  listeners = std::make_shared<std::vector<Listener>>();
  const auto mine = ++wanted;
  wake_up();
  if (std::this_thread::get_id() == network.get_id()) return;
  changed.wait(lock, [&] { return seen >= mine || stopping; });
}

void Simulator::Impl::cut_connections() {
  const std::lock_guard lock(mutex);
  for (const auto& [number, descriptor] : living) {
    const linger hard{1, 0};
    (void)::setsockopt(descriptor.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::shutdown(descriptor.get(), SHUT_RDWR);
  }
}

void Simulator::Impl::stop() {
  stopping = true;
  device.power.off();
  wake_up();
  const std::uint64_t one = 1;
  (void)!::write(control_wake.get(), &one, sizeof one);
  if (network.joinable()) network.join();
  {
    // A command that waits for the network thread waits no longer.
    const std::lock_guard lock(mutex);
    changed.notify_all();
  }
  if (controller.joinable()) controller.join();
  {
    const std::lock_guard lock(later_mutex);
    later_changed.notify_all();
  }
  if (worker.joinable()) worker.join();
  cut_connections();
  std::unique_lock lock(mutex);
  changed.notify_all();
  changed.wait(lock, [&] { return running == 0; });
  if (!control_path.empty()) ::unlink(control_path.c_str());
}

void Simulator::Impl::run_network() {
  // A peer that goes away must not end the program; the threads of the connections inherit this.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (!stopping) {
    Listeners now;
    {
      const std::lock_guard lock(mutex);
      now = listeners;
      seen = wanted;
      changed.notify_all();
    }
    std::vector<pollfd> entries{{wake.get(), POLLIN, 0}};
    if (!hanging)
      for (const auto& listener : *now) entries.push_back({listener.socket.get(), POLLIN, 0});
    (void)::poll(entries.data(), entries.size(), -1);
    if (entries[0].revents != 0) {
      std::uint64_t count = 0;
      (void)!::read(wake.get(), &count, sizeof count);
      continue;
    }
    for (std::size_t i = 1; i < entries.size(); ++i) {
      const auto& listener = (*now)[i - 1];
      if (entries[i].revents == 0) continue;
      if (listener.port.transport == "tcp")
        accept_one(listener);
      else
        answer_udp(listener);
    }
  }
}

void Simulator::Impl::accept_one(const Listener& listener) {
  sockaddr_storage from{};
  socklen_t length = sizeof from;
  Descriptor socket(::accept4(listener.socket.get(), reinterpret_cast<sockaddr*>(&from), &length,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.get() < 0) return;
  const auto number = ++accepted;
  misbehave(number);
  const int drop_after = device.settings.number("hostile.drop-after");
  const int on = 1;
  (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::lock_guard lock(mutex);
  if ((drop_after != 0 && number > static_cast<std::uint64_t>(drop_after)) ||
      running >= kMostConnections || stopping) {
    const linger hard{1, 0};
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    return;
  }
  living.emplace(number, Descriptor(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0)));
  ++running;
  const int raw = socket.release();
  try {
    std::thread([this, port = listener.port, raw, peer = text_of(from), local = listener.address,
                 number] {
      serve(port, raw, peer, local, number);
    }).detach();
  } catch (const std::system_error&) {
    // No thread is to be had: the connection is refused, the device lives on.
    ::close(raw);
    living.erase(number);
    --running;
  }
}

void Simulator::Impl::serve(const Port& port, int descriptor, const std::string& peer,
                            const std::string& local, std::uint64_t number) {
  try {
    Connection connection(descriptor, peer, local, device.power);
    dispatch(port, connection);
  } catch (const std::exception&) {
    // One connection failed for want of memory or the like; the device lives on.
  }
  // The thread's part of OpenSSL goes before the last word, so that nothing of it is left at exit.
  OPENSSL_thread_stop();
  const std::lock_guard lock(mutex);
  living.erase(number);
  --running;
  changed.notify_all();
}

void Simulator::Impl::dispatch(const Port& port, Connection& connection) {
  if (!device.power.running()) return;
  if (port.tls) {
    if (scripted_tls(device, connection)) return;
    if (!connection.start_tls(device.tls_identity()->context)) return;
  }
  using Service = void (*)(Device&, Connection&);
  static const std::map<std::string_view, Service> services = {
      {"web", serve_web}, {"redirect", serve_redirect}, {"http-basic", serve_basic},
      {"ssh", serve_ssh}, {"rtsp", serve_rtsp},         {"mqtt", serve_mqtt},
      {"ftp", serve_ftp}, {"telnet", serve_telnet},     {"echo", serve_echo},
  };
  if (device.settings.text("hostile.answer") != "none") {
    serve_hostile(device, connection, port.kind);
    return;
  }
  if (const auto found = services.find(port.kind); found != services.end())
    found->second(device, connection);
}

void Simulator::Impl::answer_udp(const Listener& listener) {
  std::array<char, 65536> bytes;
  sockaddr_storage from{};
  socklen_t length = sizeof from;
  const auto got = ::recvfrom(listener.socket.get(), bytes.data(), bytes.size(), 0,
                              reinterpret_cast<sockaddr*>(&from), &length);
  if (got <= 0) return;
  const auto answer =
      answer_datagram(device, listener.port.kind, {bytes.data(), static_cast<std::size_t>(got)});
  if (answer)
    (void)::sendto(listener.socket.get(), answer->data(), answer->size(), 0,
                   reinterpret_cast<const sockaddr*>(&from), length);
}

/// run_later() does one thing after the other behind the back of the connections.
void Simulator::Impl::run_later() {
  while (true) {
    std::function<void()> next;
    {
      std::unique_lock lock(later_mutex);
      later_changed.wait(lock, [&] { return stopping || !later.empty(); });
      if (stopping) return;
      next = std::move(later.front());
      later.pop_front();
    }
    next();
    OPENSSL_thread_stop();
  }
}

/// misbehave() does what a hostile setting wants at the connection of that number.
void Simulator::Impl::misbehave(std::uint64_t number) {
  const auto reached = [&](std::string_view name) {
    const auto limit = device.settings.number(name);
    return limit != 0 && number == static_cast<std::uint64_t>(limit) + 1;
  };
  if (reached("hostile.identity-after")) (void)device.make_identity();
  if (reached("hostile.hang-after")) {
    hanging = true;
    device.power.hang();
  }
  if (reached("hostile.kill-after")) {
    device.power.off();
    close_ports();
    cut_connections();
  }
}

void Simulator::Impl::run_control(Simulator& simulator) {
  while (!stopping) {
    std::array<pollfd, 2> entries{{{control.get(), POLLIN, 0}, {control_wake.get(), POLLIN, 0}}};
    if (::poll(entries.data(), entries.size(), -1) <= 0 || entries[0].revents == 0) continue;
    const Descriptor socket(::accept4(control.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const timeval limit{2, 0};
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    std::array<char, 4096> bytes;
    const auto got = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) continue;
    std::string_view name(bytes.data(), static_cast<std::size_t>(got));
    name = name.substr(0, name.find('\n'));
    const auto result = simulator.command(name);
    const auto line = result ? "ok " + *result + "\n" : "error " + result.error() + "\n";
    (void)::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL);
  }
}

namespace {

Outcome<void> write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << bytes;
  out.close();
  if (!out)
    return tl::unexpected(fmt::format("{}: cannot be written: {}", file.string(),
                                      std::generic_category().message(errno)));
  return {};
}

Outcome<void> write_image(const Personality& personality, const std::filesystem::path& file) {
  try {
    const Firmware& firmware = personality.firmware;
    const Maker& maker = personality.maker;
    Outcome<void> done = write_file(
        file, make_firmware(firmware, personality.settings, maker.model, maker.firmware));
    for (const char* dump : {"dump", "after-reset"}) {
      if (done) done = write_file(file.string() + "." + dump, make_dump(firmware, dump));
    }
    return done;
  } catch (const std::runtime_error& error) {
    return tl::unexpected(std::string(error.what()));
  }
}

}  // namespace

Outcome<void> write_firmware(const std::filesystem::path& personality, const Options& options,
                             const std::filesystem::path& file) {
  auto loaded = load_personality(personality);
  if (!loaded) return tl::unexpected(loaded.error());
  const auto applied = apply(std::move(*loaded), options);
  if (!applied) return tl::unexpected(applied.error());
  return write_image(*applied, file);
}

namespace {

/// second_personality() is another unit of the product: another serial number, and factory
/// passwords of its own unless all units share them. The laboratory's console stays at the first.
Personality second_personality(Personality first, const std::string& address) {
  first.address = address;
  first.maker.serial = "SC200-0002";
  first.keys.clear();
  (void)first.settings.set("console.port", "0");
  if (first.settings.text("unit.factory-password") == "own")
    for (AccountSpec& account : first.accounts)
      if (!account.factory_password.empty()) account.factory_password = "SC200-p9Wd";
  return first;
}

}  // namespace

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Simulator::~Simulator() = default;

Outcome<std::unique_ptr<Simulator>> Simulator::start(const std::filesystem::path& personality,
                                                     const Options& options) {
  auto loaded = load_personality(personality);
  if (!loaded) return tl::unexpected(loaded.error());
  auto applied = apply(std::move(*loaded), options);
  if (!applied) return tl::unexpected(applied.error());
  if (!options.firmware.empty()) {
    if (auto written = write_image(*applied, options.firmware); !written)
      return tl::unexpected(written.error());
  }
  auto result = start_unit(*applied, options.control, nullptr);
  if (!result || options.second_unit.empty()) return result;
  Personality other = second_personality(std::move(*applied), options.second_unit);
  const Device& first = (*result)->impl_->device;
  const bool shared = other.settings.text("unit.keys") == "shared";
  auto second = start_unit(std::move(other), {}, shared ? &first : nullptr);
  if (!second) return tl::unexpected(second.error());
  (*second)->factory_state();
  (*result)->impl_->second = std::move(*second);
  return result;
}

/// start_unit() starts one device; `keys_of` is the device whose keys it has, null: its own.
Outcome<std::unique_ptr<Simulator>> Simulator::start_unit(Personality personality,
                                                          const std::filesystem::path& socket,
                                                          const Device* keys_of) {
  std::unique_ptr<Simulator> result(
      new Simulator(std::make_unique<Impl>(std::move(personality), socket)));
  auto& impl = *result->impl_;
  if (keys_of != nullptr) {
    impl.device.share_identity(*keys_of);
  } else if (auto made = impl.device.make_identity(impl.device.personality.keys); !made) {
    return tl::unexpected(made.error());
  }
  if (auto opened = impl.open_ports(); !opened) return tl::unexpected(opened.error());
  if (auto opened = impl.open_control(); !opened) return tl::unexpected(opened.error());
  if (auto opened = impl.open_console(); !opened) return tl::unexpected(opened.error());
  if (auto provided = impl.device.updater.provide(impl.device.personality.keys); !provided)
    return tl::unexpected(provided.error());
  impl.device.later = [&impl](std::function<void()> what) {
    const std::lock_guard lock(impl.later_mutex);
    impl.later.push_back(std::move(what));
    impl.later_changed.notify_all();
  };
  impl.device.restart = [&impl, self = result.get()] {
    if (impl.device.settings.text("update.restart") == "never") {
      self->kill_device();
      return;
    }
    // The answer to the update is still on its way.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (impl.device.settings.text("update.comes-back") == "other-device") self->change_identity();
    (void)self->power_cycle();
  };
  impl.device.open = [&impl](std::uint16_t number) { impl.open_one(number); };
  impl.device.halt = [self = result.get()] { self->kill_device(); };
  impl.worker = std::thread([&impl] { impl.run_later(); });
  impl.network = std::thread([&impl] { impl.run_network(); });
  if (!impl.control_path.empty())
    impl.controller = std::thread([&impl, self = result.get()] { impl.run_control(*self); });
  return result;
}

std::vector<std::string> Simulator::addresses() const {
  return impl_->device.personality.addresses();
}
std::vector<Port> Simulator::ports() const { return impl_->device.personality.services; }
std::string Simulator::ca_pem() const { return impl_->device.tls_identity()->ca_pem; }
std::uint64_t Simulator::connections() const { return impl_->accepted; }

void Simulator::kill_device() {
  impl_->board.power_off();
  impl_->device.power.off();
  impl_->close_ports();
  impl_->cut_connections();
}

Outcome<void> Simulator::power_cycle() {
  const std::lock_guard one_at_a_time(impl_->power_mutex);
  kill_device();
  {
    std::unique_lock lock(impl_->mutex);
    impl_->changed.wait(lock, [&] { return impl_->running == 0; });
  }
  impl_->device.accounts.close_all_sessions();
  if (impl_->device.settings.text("lockout.restart") == "cleared")
    impl_->device.accounts.forget_failures();
  impl_->hanging = false;
  if (impl_->device.updater.bricked()) return {};
  impl_->device.power.on();
  impl_->board.power_on(std::chrono::steady_clock::now());
  return impl_->open_ports();
}

Outcome<void> Simulator::reflash() {
  impl_->device.updater.reflash();
  return power_cycle();
}

void Simulator::change_identity() { (void)impl_->device.make_identity(); }

void Simulator::hang() {
  impl_->hanging = true;
  impl_->device.power.hang();
  impl_->wake_up();
}

void Simulator::factory_state() {
  impl_->device.accounts.to_factory();
  impl_->device.backup.factory();
}
void Simulator::normal_state() { impl_->device.accounts.to_normal(); }

Outcome<std::string> Simulator::Impl::insert_card(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return tl::unexpected(fmt::format("{}: cannot be read", file));
  const std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (const auto why = device.updater.install_from_media(content); !why.empty())
    return tl::unexpected(why);
  device.later(device.restart);
  return "taken";
}

Outcome<std::string> Simulator::command(std::string_view name) {
  if (name == "factory") {
    factory_state();
    return "factory";
  }
  if (name == "normal") {
    normal_state();
    return "normal";
  }
  if (name == "state") return impl_->device.accounts.factory() ? "factory" : "normal";
  if (name == "version") return impl_->device.updater.version();
  if (name == "reflash") {
    if (auto done = reflash(); !done) return tl::unexpected(done.error());
    return impl_->device.updater.version();
  }
  if (name.starts_with(kMedia)) return impl_->insert_card(std::string(name.substr(kMedia.size())));
  if (name == "kill") {
    kill_device();
    return "off";
  }
  if (name == "hang") {
    hang();
    return "hanging";
  }
  if (name == "identity") {
    change_identity();
    return "changed";
  }
  if (name == "power-cycle") {
    if (auto done = power_cycle(); !done) return tl::unexpected(done.error());
    return "on";
  }
  return tl::unexpected(fmt::format(
      "unknown command '{}'; allowed: factory, normal, state, version, power-cycle, kill, hang, "
      "identity, reflash, media FILE",
      name));
}

std::string second_address(const std::string& device) {
  constexpr int kFurther = 50;
  constexpr int kLast = 254;
  if (!device.starts_with("127.") || device.find_first_of(": ") != std::string::npos) return {};
  const auto dot = device.rfind('.');
  const int last = std::stoi(device.substr(dot + 1));
  return device.substr(0, dot + 1) +
         std::to_string(last + kFurther <= kLast ? last + kFurther : last - kFurther);
}

Outcome<std::string> send_control(const std::filesystem::path& socket, std::string_view command) {
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  const auto text = socket.string();
  if (text.size() >= sizeof place.sun_path)
    return tl::unexpected(fmt::format("{}: the path is too long for a socket", text));
  std::memcpy(place.sun_path, text.c_str(), text.size() + 1);
  const Descriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit{10, 0};
  (void)::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const auto line = std::string(command) + "\n";
  if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 ||
      ::send(client.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0)
    return tl::unexpected(fmt::format("{}: {}", text, std::strerror(errno)));
  std::string answer;
  std::array<char, 256> bytes;
  while (answer.find('\n') == std::string::npos) {
    const auto got = ::recv(client.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) return tl::unexpected(fmt::format("{}: no answer", text));
    answer.append(bytes.data(), static_cast<std::size_t>(got));
  }
  answer.resize(answer.find('\n'));
  if (answer.compare(0, 3, "ok ") == 0) return answer.substr(3);
  return tl::unexpected(answer.compare(0, 6, "error ") == 0 ? answer.substr(6) : answer);
}

}  // namespace haetae::devices
