#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/declaration/declaration.hpp"
#include "harness/model/bytes.hpp"
#include "harness/model/verdict.hpp"
#include "harness/runner/procedure.hpp"
#include "testcases/authentication/http_call.hpp"

/// The ways by which a device takes an update file, behind one interface.
namespace haetae::testcases::update {

/// Parcel is one file on its way to the device.
struct Parcel {
  ByteView bytes;
  std::string name;                ///< file name, where the way has one
  std::string version;             ///< that is told to a device which asks for it
  Actor actor;                     ///< who offers it
  std::optional<std::size_t> cut;  ///< the transfer ends after so many bytes of the file
};

/// Offer is what came of one transfer.
struct Offer {
  Told told = Told::nothing;
  bool delivered = false;  ///< all bytes that were meant to be sent were taken
  bool denied = false;     ///< the sender was told to have no right (401, 403)
  bool tried = false;      ///< at least one byte was sent to the device
  std::string message;     ///< the device's words, printable
  std::string why;         ///< what kept us from offering it, if something did
  Cause cause = Cause::none;
  EvidenceId evidence = 0;
  Duration took{};
};

/// Adapter offers files in one way. It waits for the device's words as long as the declaration
/// allows, and not for a restart.
class Adapter {
 public:
  virtual ~Adapter() = default;
  [[nodiscard]] virtual Offer offer(const Parcel& parcel) = 0;
  /// subject() is where the file is given, lan:tcp/443; lan where the device fetches it.
  [[nodiscard]] virtual std::string subject() const = 0;
  /// login() is the id of the login that the way asks for, empty if it has none.
  [[nodiscard]] virtual std::string login() const { return {}; }
  /// can_cut() is whether a transfer can be ended at a chosen byte.
  [[nodiscard]] virtual bool can_cut() const { return true; }
  /// can_be_nobody() is whether a file can be offered without login at all.
  [[nodiscard]] virtual bool can_be_nobody() const { return false; }
};

/// subject_of() is Adapter::subject() by the declaration alone.
[[nodiscard]] std::string subject_of(const declaration::Update& update);

/// make_adapter() is the declared way; ErrorKind::invalid_input names what is missing in the
/// declaration for it.
[[nodiscard]] Result<std::unique_ptr<Adapter>> make_adapter(runner::Context& context);

/// One for each way; each checks its part of the declaration.
[[nodiscard]] Result<std::unique_ptr<Adapter>> http_upload(runner::Context& context);
[[nodiscard]] Result<std::unique_ptr<Adapter>> swupdate(runner::Context& context);
[[nodiscard]] Result<std::unique_ptr<Adapter>> tftp_write(runner::Context& context);
[[nodiscard]] Result<std::unique_ptr<Adapter>> secure_copy(runner::Context& context);
[[nodiscard]] Result<std::unique_ptr<Adapter>> pull_server(runner::Context& context);
[[nodiscard]] Result<std::unique_ptr<Adapter>> hook_install(runner::Context& context);
/// on_media() presents a file on a removable medium by the hook media, whatever the declared way.
[[nodiscard]] Result<std::unique_ptr<Adapter>> on_media(runner::Context& context);

/// failed() is an offer that did not come about.
[[nodiscard]] Offer failed(const Error& error, EvidenceId evidence);

}  // namespace haetae::testcases::update
