#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "imapd/auth/certificate_user.h"
#include "imapd/base/error.h"
#include "imapd/session/stream.h"

namespace imapd::session {

// The certificate and what else every TLS connection of the server stands on: TLS 1.2 and later, no renegotiation, no resumption
// (so that a client's certificate is looked at each time).
//
// Operation    reload() reads the files again: connections made from then on get the new certificate. When anything is wrong with
//              the files the old one stays.
// Concurrency  Thread-safe.
class TlsContext {
 public:
  struct Files {
    std::string certificate;  // PEM, the server's own first, then its chain.
    std::string key;          // PEM.
    std::string client_ca;    // PEM: who signs clients' certificates. Empty: none is asked for.
  };
  // What the files held, for a server that does its TLS itself: it shows what this one shows.
  struct Pem {
    std::string certificate;
    std::string key;
    std::string client_ca;
  };
  static constexpr std::size_t kFileBytesMax = 1024 * 1024;

  // kInvalidArgument: a file cannot be read or is too large, or the key is not the certificate's.
  static Result<std::unique_ptr<TlsContext>> open(Files files);
  Result<void> reload();
  std::shared_ptr<SSL_CTX> current() const;
  std::shared_ptr<const Pem> pem() const;

 private:
  explicit TlsContext(Files files) : files_(std::move(files)) {}
  const Files files_;
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> current_;
  std::shared_ptr<const Pem> pem_;
};

using ClientCertificate = auth::CertificateNames;

// TLS over another stream, the server's side.
//
// Operation    handshake() first, again whenever the stream below is ready, until it succeeds or fails. What cannot be written at
//              once is to be offered again: the same bytes, or those and more.
// Limits       Idle, it holds no buffers (SSL_MODE_RELEASE_BUFFERS).
class TlsStream final : public Stream {
 public:
  // `below` outlives it. The context is kept, also when the TlsContext has a newer one.
  TlsStream(Stream& below, std::shared_ptr<SSL_CTX> context);
  TlsStream(const TlsStream&) = delete;

  // would_block: wait_readable(), which waits for whatever is needed, and try again.
  boost::system::error_code handshake();

  Task<boost::system::error_code> wait_readable() override;
  Task<boost::system::error_code> wait_writable() override;
  std::size_t read_some(std::span<char> into, boost::system::error_code& error) override;
  std::size_t write_some(std::string_view bytes, boost::system::error_code& error) override;
  void acknowledge() override { below_.acknowledge(); }
  // Says so to the client first, when that can be written at once.
  void close() override;
  std::string peer_address() const override { return below_.peer_address(); }
  const TlsStream* tls() const override { return this; }

  // The client's, verified against client_ca; nullopt when it gave none.
  std::optional<ClientCertificate> client_certificate() const;
  // Channel binding "tls-exporter" (RFC 9266). nullopt before TLS 1.3, where it is not safe without more.
  std::optional<std::string> exporter() const;

 private:
  friend struct TlsBio;
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  boost::system::error_code error_of(int result);

  Stream& below_;
  const std::shared_ptr<SSL_CTX> context_;
  std::unique_ptr<SSL, Free> ssl_;
  boost::system::error_code below_error_;  // Of the last read or write below.
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
};

}  // namespace imapd::session
