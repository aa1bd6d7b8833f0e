#include "harness/evidence/stamp.hpp"

#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <memory>

#include <fmt/format.h>

namespace haetae::evidence {

namespace {

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* value) const {
    Function(value);
  }
};
using Request = std::unique_ptr<TS_REQ, Free<TS_REQ_free>>;
using Imprint = std::unique_ptr<TS_MSG_IMPRINT, Free<TS_MSG_IMPRINT_free>>;
using Algorithm = std::unique_ptr<X509_ALGOR, Free<X509_ALGOR_free>>;
using Response = std::unique_ptr<TS_RESP, Free<TS_RESP_free>>;
using Token = std::unique_ptr<PKCS7, Free<PKCS7_free>>;
using Info = std::unique_ptr<TS_TST_INFO, Free<TS_TST_INFO_free>>;
using Store = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;

constexpr std::size_t kLargest = 256 * 1024;
constexpr int kMostCertificates = 16;

tl::unexpected<Error> wrong(std::string text) {
  ERR_clear_error();
  return fail(ErrorKind::invalid_input, std::move(text));
}

Token parse(ByteView token) {
  if (token.size() > kLargest) return nullptr;
  const std::uint8_t* at = token.data();
  Token out(d2i_PKCS7(nullptr, &at, static_cast<long>(token.size())));
  if (at != token.data() + token.size() || !out || PKCS7_type_is_signed(out.get()) == 0 ||
      out->d.sign == nullptr) {
    return nullptr;
  }
  return out;
}

bool fits(const TS_TST_INFO* info, ByteView signature) {
  TS_MSG_IMPRINT* const imprint = TS_TST_INFO_get_msg_imprint(const_cast<TS_TST_INFO*>(info));
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  const int kind = OBJ_obj2nid(object);
  if (kind != NID_sha256 && kind != NID_sha384 && kind != NID_sha512) return false;
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(signature.data(), signature.size(), digest, &size, EVP_get_digestbynid(kind),
                 nullptr) != 1) {
    return false;
  }
  const ASN1_OCTET_STRING* const said = TS_MSG_IMPRINT_get_msg(imprint);
  const std::uint8_t* const bytes = ASN1_STRING_get0_data(said);
  return static_cast<unsigned int>(ASN1_STRING_length(said)) == size &&
         std::equal(digest, digest + size, bytes);
}

std::string name_of(X509* certificate) {
  const std::unique_ptr<BIO, Free<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return printable({data, static_cast<std::size_t>(size)}, 300);
}

/// verifies() checks the whole token by the certificates of a store: its signature, the
/// certificate's purpose (RFC 3161 section 2.3), and that it is the certificate which the signed
/// attributes name (RFC 5816).
X509* verifies(PKCS7* token, X509_STORE* store) {
  X509* signer = nullptr;
  if (TS_RESP_verify_signature(token, nullptr, store, &signer) != 1) return nullptr;
  X509_free(signer);  // the token holds it
  return signer;
}

/// led_to_trust() is whether the token verifies by the trusted certificates, at its own time: a
/// certificate that has run out since does not undo it.
bool led_to_trust(PKCS7* token, std::time_t at, const std::filesystem::path& authorities) {
  const Store store(X509_STORE_new());
  if (!store || X509_STORE_load_file(store.get(), authorities.c_str()) != 1) return false;
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), at);
  return verifies(token, store.get()) != nullptr;
}

/// signer_of() is the certificate that signed, where the token is right in itself: the only
/// certificates that are believed are those that it brings along.
X509* signer_of(PKCS7* token) {
  const Store store(X509_STORE_new());
  if (!store || token->d.sign->cert == nullptr) return nullptr;
  const int count = sk_X509_num(token->d.sign->cert);
  for (int index = 0; index < count && index < kMostCertificates; ++index) {
    X509_STORE_add_cert(store.get(), sk_X509_value(token->d.sign->cert, index));
  }
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
  return verifies(token, store.get());
}

}  // namespace

Result<Bytes> stamp_query(ByteView signature) {
  const Bytes digest = sha256(signature);
  const Request request(TS_REQ_new());
  const Imprint imprint(TS_MSG_IMPRINT_new());
  const Algorithm algorithm(X509_ALGOR_new());
  bool done = request && imprint && algorithm && TS_REQ_set_version(request.get(), 1) == 1 &&
              X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) == 1;
  Bytes copy = digest;
  done = done && TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1 &&
         TS_MSG_IMPRINT_set_msg(imprint.get(), copy.data(), static_cast<int>(copy.size())) == 1 &&
         TS_REQ_set_msg_imprint(request.get(), imprint.get()) == 1 &&
         TS_REQ_set_cert_req(request.get(), 1) == 1;
  const int size = done ? i2d_TS_REQ(request.get(), nullptr) : 0;
  if (size <= 0) return fail(ErrorKind::internal, "OpenSSL could not make a time stamp query");
  Bytes out(static_cast<std::size_t>(size));
  std::uint8_t* to = out.data();
  i2d_TS_REQ(request.get(), &to);
  return out;
}

Result<Bytes> token_of(ByteView reply, ByteView signature) {
  if (reply.size() > kLargest) return wrong("the reply is larger than a time stamp can be");
  const std::uint8_t* at = reply.data();
  const Response response(d2i_TS_RESP(nullptr, &at, static_cast<long>(reply.size())));
  if (!response || at != reply.data() + reply.size()) {
    return wrong("the reply is no time stamp reply (RFC 3161, TimeStampResp in DER)");
  }
  const long status =
      ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response.get())));
  PKCS7* const token = TS_RESP_get_token(response.get());
  if ((status != 0 && status != 1) || token == nullptr) {
    return wrong(fmt::format("the time stamp authority refused (status {})", status));
  }
  const int size = i2d_PKCS7(token, nullptr);
  Bytes out(static_cast<std::size_t>(std::max(size, 0)));
  std::uint8_t* to = out.data();
  if (size > 0) i2d_PKCS7(token, &to);
  if (auto sound = check_stamp(out, signature, {}); !sound) return tl::unexpected(sound.error());
  return out;
}

Result<void> check_authorities(const std::filesystem::path& authorities) {
  const Store store(X509_STORE_new());
  const bool loaded = store && X509_STORE_load_file(store.get(), authorities.c_str()) == 1;
  ERR_clear_error();
  if (loaded) return {};
  return fail(ErrorKind::invalid_input,
              fmt::format("{} holds no certificate in PEM (-----BEGIN CERTIFICATE-----); give the "
                          "root of the time stamp authority",
                          authorities.string()));
}

Result<CheckedStamp> check_stamp(ByteView token, ByteView signature,
                                 const std::filesystem::path& authorities) {
  const Token parsed = parse(token);
  const Info info(parsed ? PKCS7_to_TS_TST_INFO(parsed.get()) : nullptr);
  if (!info) return wrong("is no time stamp token (RFC 3161)");
  if (!fits(info.get(), signature))
    return wrong("is over something else than the seal's signature");
  X509* const signer = signer_of(parsed.get());
  if (signer == nullptr) {
    return wrong(
        "has a signature that does not hold, or not by a certificate for time stamps alone");
  }
  std::tm time{};
  if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info.get()), &time) != 1) return wrong("names no time");
  CheckedStamp out{
      .time = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", time.tm_year + 1900,
                          time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec),
      .authority = name_of(signer)};
  if (!authorities.empty()) out.known = led_to_trust(parsed.get(), ::timegm(&time), authorities);
  ERR_clear_error();
  return out;
}

}  // namespace haetae::evidence
