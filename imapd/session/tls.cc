#include "imapd/session/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <climits>
#include <new>
#include <utility>

#include "imapd/base/check.h"

namespace imapd::session {
namespace {

bool is_would_block(const boost::system::error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again || error == asio::error::interrupted;
}

Error wrong(const std::string& option, const std::string& file) {
  const unsigned long code = ERR_get_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return make_error(Code::kInvalidArgument, option + ": cannot use " + file + (reason != nullptr ? std::string(": ") + reason : ""));
}

Result<std::shared_ptr<SSL_CTX>> load(const TlsContext::Files& files) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  CHECK(context != nullptr);
  SSL_CTX* const raw = context.get();
  CHECK(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  CHECK(SSL_CTX_set_num_tickets(raw, 0) == 1);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A read gives up its turn after a record without data, or a client that sends only key updates would keep the thread.
  SSL_CTX_clear_mode(raw, SSL_MODE_AUTO_RETRY);
  // An encrypted key is refused; asking for its password would wait at a terminal.
  SSL_CTX_set_default_passwd_cb(raw, [](char*, int, int, void*) { return -1; });
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1) return wrong("tls.certificate", files.certificate);
  if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM) != 1) return wrong("tls.key", files.key);
  if (SSL_CTX_check_private_key(raw) != 1) return wrong("tls.key", files.key);
  if (!files.client_ca.empty()) {
    if (SSL_CTX_load_verify_locations(raw, files.client_ca.c_str(), nullptr) != 1) return wrong("tls.client_ca", files.client_ca);
    STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(files.client_ca.c_str());
    if (names == nullptr) return wrong("tls.client_ca", files.client_ca);
    SSL_CTX_set_client_CA_list(raw, names);
    // A client may have none and log in otherwise; one that does not verify ends the handshake.
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

// A name with a NUL in it is no name: it could be cut short by whoever reads it next.
std::string text_of(const ASN1_STRING* string) {
  unsigned char* bytes = nullptr;
  const int length = ASN1_STRING_to_UTF8(&bytes, string);
  if (length < 0) return {};
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return text.find('\0') == std::string::npos ? text : std::string();
}

std::string common_name_of(X509* certificate) {
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  const int first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (first < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first)));
}

std::vector<std::string> emails_of(X509* certificate) {
  std::vector<std::string> emails;
  auto* const names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  if (names == nullptr) return emails;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_EMAIL) continue;
    std::string email = text_of(name->d.rfc822Name);
    if (!email.empty()) emails.push_back(std::move(email));
  }
  GENERAL_NAMES_free(names);
  return emails;
}

}  // namespace

// OpenSSL reads and writes the stream below through this, so that it holds nothing that the stream below does.
struct TlsBio {
  static TlsStream& stream_of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    TlsStream& stream = stream_of(bio);
    stream.below_error_.clear();
    const std::size_t count =
        stream.below_.read_some(std::span<char>(into, static_cast<std::size_t>(size)), stream.below_error_);
    if (count > 0) return static_cast<int>(count);
    if (is_would_block(stream.below_error_)) BIO_set_retry_read(bio);
    return stream.below_error_ == asio::error::eof ? 0 : -1;
  }
  static int write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    TlsStream& stream = stream_of(bio);
    stream.below_error_.clear();
    const std::size_t count =
        stream.below_.write_some(std::string_view(bytes, static_cast<std::size_t>(size)), stream.below_error_);
    if (count > 0) return static_cast<int>(count);
    if (is_would_block(stream.below_error_)) BIO_set_retry_write(bio);
    return -1;
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const kMethod = [] {
      BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
      CHECK(made != nullptr);
      BIO_meth_set_read(made, read);
      BIO_meth_set_write(made, write);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return kMethod;
  }
};

Result<std::unique_ptr<TlsContext>> TlsContext::open(Files files) {
  std::unique_ptr<TlsContext> context(new TlsContext(std::move(files)));
  TRY(context->reload());
  return context;
}

Result<void> TlsContext::reload() {
  TRY_ASSIGN(loaded, load(files_));
  const std::lock_guard lock(mutex_);
  current_ = std::move(loaded);
  return {};
}

std::shared_ptr<SSL_CTX> TlsContext::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

TlsStream::TlsStream(Stream& below, std::shared_ptr<SSL_CTX> context)
    : below_(below), context_(std::move(context)), ssl_(SSL_new(context_.get())) {
  BIO* const bio = ssl_ ? BIO_new(TlsBio::method()) : nullptr;
  // Out of memory: this client must go.
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

boost::system::error_code TlsStream::error_of(int result) {
  const int reason = SSL_get_error(ssl_.get(), result);
  switch (reason) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
    case SSL_ERROR_SYSCALL:
      if (below_error_) return below_error_;
      return asio::error::eof;
    default: break;
  }
  ERR_clear_error();
  return boost::system::errc::make_error_code(boost::system::errc::protocol_error);
}

boost::system::error_code TlsStream::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    read_wants_write_ = false;
    return {};
  }
  read_wants_write_ = SSL_want_write(ssl_.get());
  return error_of(result);
}

Task<boost::system::error_code> TlsStream::wait_readable() {
  if (read_wants_write_) co_return co_await below_.wait_writable();
  co_return co_await below_.wait_readable();
}

Task<boost::system::error_code> TlsStream::wait_writable() {
  if (write_wants_read_) co_return co_await below_.wait_readable();
  co_return co_await below_.wait_writable();
}

std::size_t TlsStream::read_some(std::span<char> into, boost::system::error_code& error) {
  ERR_clear_error();
  const int size = static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX));
  const int count = SSL_read(ssl_.get(), into.data(), size);
  read_wants_write_ = count <= 0 && SSL_want_write(ssl_.get());
  error = count > 0 ? boost::system::error_code() : error_of(count);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t TlsStream::write_some(std::string_view bytes, boost::system::error_code& error) {
  error.clear();
  if (bytes.empty()) return 0;
  ERR_clear_error();
  const int size = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
  const int count = SSL_write(ssl_.get(), bytes.data(), size);
  write_wants_read_ = count <= 0 && SSL_want_read(ssl_.get());
  if (count <= 0) error = error_of(count);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void TlsStream::close() {
  if (SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  below_.close();
}

std::optional<ClientCertificate> TlsStream::client_certificate() const {
  X509* const certificate = SSL_get1_peer_certificate(ssl_.get());
  if (certificate == nullptr) return std::nullopt;
  std::optional<ClientCertificate> found;
  if (SSL_get_verify_result(ssl_.get()) == X509_V_OK) {
    found = ClientCertificate{common_name_of(certificate), emails_of(certificate)};
  }
  X509_free(certificate);
  return found;
}

std::optional<std::string> TlsStream::exporter() const {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  if (SSL_version(ssl_.get()) < TLS1_3_VERSION) return std::nullopt;
  std::string bytes(32, '\0');
  const int exported = SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                                  kLabel.data(), kLabel.size(), nullptr, 0, 1);
  if (exported != 1) return std::nullopt;
  return bytes;
}

}  // namespace imapd::session
