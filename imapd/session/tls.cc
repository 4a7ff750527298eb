#include "imapd/session/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <climits>
#include <fstream>
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

Result<std::string> read_file(const std::string& option, const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string text(TlsContext::kFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof())) {
    return make_error(Code::kInvalidArgument, option + ": cannot read " + name);
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > TlsContext::kFileBytesMax) return make_error(Code::kInvalidArgument, option + ": too large: " + name);
  return text;
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

Bio bio_of(const std::string& text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(bio != nullptr);
  return bio;
}

// An encrypted key is refused; asking for its password would wait at a terminal.
int no_password(char*, int, int, void*) { return -1; }

// All of a PEM text, in its order. Empty: there is none, or one is broken.
std::vector<Certificate> certificates_in(const std::string& pem) {
  const Bio bio = bio_of(pem);
  std::vector<Certificate> found;
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) found.push_back(std::move(next));
  // The end of the text is told as an error like any other.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return {};
  if (!found.empty()) ERR_clear_error();
  return found;
}

bool use_certificate(SSL_CTX* context, const std::string& pem) {
  auto chain = certificates_in(pem);
  if (chain.empty() || SSL_CTX_use_certificate(context, chain.front().get()) != 1) return false;
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) return false;
  }
  return true;
}

bool use_key(SSL_CTX* context, const std::string& pem) {
  const Bio bio = bio_of(pem);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr);
  const bool used = key != nullptr && SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
  EVP_PKEY_free(key);
  return used;
}

bool use_client_ca(SSL_CTX* context, const std::string& pem) {
  const auto authorities = certificates_in(pem);
  for (const Certificate& authority : authorities) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1) return false;
    if (SSL_CTX_add_client_CA(context, authority.get()) != 1) return false;
  }
  return !authorities.empty();
}

Result<TlsContext::Pem> read(const TlsContext::Files& files) {
  TlsContext::Pem pem;
  TRY_ASSIGN(certificate, read_file("tls.certificate", files.certificate));
  TRY_ASSIGN(key, read_file("tls.key", files.key));
  if (!files.client_ca.empty()) {
    TRY_ASSIGN(client_ca, read_file("tls.client_ca", files.client_ca));
    pem.client_ca = std::move(client_ca);
  }
  pem.certificate = std::move(certificate);
  pem.key = std::move(key);
  return pem;
}

Result<std::shared_ptr<SSL_CTX>> load(const TlsContext::Files& files, const TlsContext::Pem& pem) {
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
  if (!use_certificate(raw, pem.certificate)) return wrong("tls.certificate", files.certificate);
  if (!use_key(raw, pem.key)) return wrong("tls.key", files.key);
  if (!files.client_ca.empty()) {
    if (!use_client_ca(raw, pem.client_ca)) return wrong("tls.client_ca", files.client_ca);
    // A client may have none and log in otherwise; one that does not verify ends the handshake.
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  }
  return context;
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
  TRY_ASSIGN(pem, read(files_));
  TRY_ASSIGN(loaded, load(files_, pem));
  const std::lock_guard lock(mutex_);
  current_ = std::move(loaded);
  pem_ = std::make_shared<const Pem>(std::move(pem));
  return {};
}

std::shared_ptr<const TlsContext::Pem> TlsContext::pem() const {
  const std::lock_guard lock(mutex_);
  return pem_;
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
    found = auth::names_in(*certificate);
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
