// The ENGINE interface is deprecated since OpenSSL 3.0, but Debian 12 has no PKCS #11 provider.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "harness/evidence/key_kind.hpp"

namespace haetae::evidence {

namespace {

struct FreeEngine {
  void operator()(ENGINE* engine) const { ENGINE_free(engine); }
};
struct FreeMethod {
  void operator()(UI_METHOD* method) const { UI_destroy_method(method); }
};
struct CloseStore {
  void operator()(OSSL_STORE_CTX* store) const { OSSL_STORE_close(store); }
};

/// Pin is asked for once, and only when the token wants it.
struct Pin {
  std::string uri;
  const AskPassphrase& ask;
  std::optional<Result<std::string>> answer;

  const Result<std::string>& get() {
    if (!answer) answer = passphrase_for(uri, ask);
    return *answer;
  }
  ~Pin() {
    if (answer && *answer) OPENSSL_cleanse((**answer).data(), (**answer).size());
  }
};

int give_pin(char* to, int size, int, void* data) {
  const Result<std::string>& pin = static_cast<Pin*>(data)->get();
  if (!pin || pin->size() > static_cast<std::size_t>(size)) return -1;
  std::copy(pin->begin(), pin->end(), to);
  return static_cast<int>(pin->size());
}

bool names_pin(const std::string& uri) {
  return uri.find("pin-source=") != std::string::npos ||
         uri.find("pin-value=") != std::string::npos;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned int value = 0;
    const char* const digits = text.data() + at + 1;
    if (text[at] == '%' && at + 2 < text.size() &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      out += static_cast<char>(value);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

/// take_pin_file() takes the attribute pin-source out of a URI (RFC 7512 section 2.4) where it
/// names a file, and gives the file: engines take the end of its line for a part of the PIN.
std::optional<std::string> take_pin_file(std::string& uri) {
  const std::size_t at = uri.find("pin-source=");
  if (at == std::string::npos || at == 0) return std::nullopt;
  const std::size_t end = std::min(uri.find_first_of("&;", at), uri.size());
  std::string file = percent_decoded(std::string_view(uri).substr(at + 11, end - at - 11));
  if (file.starts_with("file:")) file.erase(0, 5);
  if (file.starts_with("///")) file.erase(0, 2);  // no host is named
  if (!file.starts_with('/')) return std::nullopt;
  const std::size_t after = end < uri.size() ? end + 1 : end;
  uri.erase(at, after - at);
  if (end == after) uri.erase(at - 1, 1);  // it was the last one
  return file;
}

/// by_provider() is nothing where no provider serves the scheme.
std::optional<Key> by_provider(const std::string& uri, Pin& pin) {
  const std::unique_ptr<UI_METHOD, FreeMethod> method(UI_UTIL_wrap_read_pem_callback(&give_pin, 0));
  const std::unique_ptr<OSSL_STORE_CTX, CloseStore> store(
      OSSL_STORE_open(uri.c_str(), method.get(), &pin, nullptr, nullptr));
  if (!store) return std::nullopt;
  OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY);
  Key key;
  while (!key && OSSL_STORE_eof(store.get()) == 0) {
    OSSL_STORE_INFO* const info = OSSL_STORE_load(store.get());
    if (info == nullptr) {
      if (OSSL_STORE_error(store.get()) != 0) break;
      continue;
    }
    if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) {
      key.reset(OSSL_STORE_INFO_get1_PKEY(info));
    }
    OSSL_STORE_INFO_free(info);
  }
  return key;
}

tl::unexpected<Error> not_loaded(const std::string& uri) {
  return fail(
      ErrorKind::invalid_input,
      fmt::format("{}: the token gives no such private key; check the PIN, the names in the "
                  "URI (pkcs11-tool --list-objects, p11tool --list-all) and that the token's "
                  "module is known (PKCS11_MODULE_PATH, or p11-kit)",
                  uri));
}

Result<Key> by_engine(const std::string& uri, Pin& pin) {
  OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC | OPENSSL_INIT_LOAD_CONFIG, nullptr);
  const std::unique_ptr<ENGINE, FreeEngine> engine(ENGINE_by_id("pkcs11"));
  if (!engine) {
    return fail(ErrorKind::unsupported,
                fmt::format("{}: OpenSSL has neither a provider nor an engine for tokens here; "
                            "install libengine-pkcs11-openssl, or load a PKCS #11 provider in "
                            "openssl.cnf",
                            uri));
  }
  std::string text;
  if (!names_pin(uri)) {
    const Result<std::string>& asked = pin.get();
    if (!asked) return tl::unexpected(asked.error());
    text = *asked;
  }
  if (ENGINE_init(engine.get()) != 1) return not_loaded(uri);
  if (!text.empty()) ENGINE_ctrl_cmd_string(engine.get(), "PIN", text.c_str(), 0);
  OPENSSL_cleanse(text.data(), text.size());
  // The engine's own question would go to the terminal behind our back.
  UI_METHOD* const silent = const_cast<UI_METHOD*>(UI_null());
  Key key(ENGINE_load_private_key(engine.get(), uri.c_str(), silent, nullptr));
  ENGINE_finish(engine.get());  // the key holds the engine as long as it needs it
  if (!key) return not_loaded(uri);
  return key;
}

}  // namespace

Result<Key> from_token(const std::string& named, const AskPassphrase& ask) {
  std::string uri = named;
  const auto file = take_pin_file(uri);
  Pin pin{.uri = uri, .ask = ask, .answer = {}};
  if (file) {
    pin.answer = first_line_of(*file, "PIN file");
    if (!*pin.answer) return tl::unexpected(pin.answer->error());
  }
  ERR_clear_error();
  auto provided = by_provider(uri, pin);
  ERR_clear_error();
  if (provided && *provided) return std::move(*provided);
  if (provided) {
    if (pin.answer && !*pin.answer) return tl::unexpected(pin.answer->error());
    return not_loaded(uri);
  }
  auto loaded = by_engine(uri, pin);
  ERR_clear_error();
  return loaded;
}

}  // namespace haetae::evidence
