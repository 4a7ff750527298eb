#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "imapd/base/check.h"
#include "tests/support/certificates.h"

namespace imapd::session {

// A client on a blocking socket that can begin TLS at any time.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port) {
    const timeval patience{20, 0};
    CHECK(socket_ >= 0 && ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  TlsClient(const TlsClient&) = delete;
  ~TlsClient() { ::close(socket_); }

  // Verifies the server against `ca`. False when the handshake fails.
  bool start_tls(const std::string& ca, std::optional<support::Certificates::Pair> own = std::nullopt, int max_version = 0) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    CHECK(SSL_CTX_load_verify_locations(context_.get(), ca.c_str(), nullptr) == 1);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_max_proto_version(context_.get(), max_version);
    if (max_version != 0 && max_version < TLS1_2_VERSION) {
      SSL_CTX_set_min_proto_version(context_.get(), max_version);
      SSL_CTX_set_security_level(context_.get(), 0);
    }
    if (own) {
      CHECK(SSL_CTX_use_certificate_chain_file(context_.get(), own->certificate.c_str()) == 1);
      CHECK(SSL_CTX_use_PrivateKey_file(context_.get(), own->key.c_str(), SSL_FILETYPE_PEM) == 1);
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_);
    return SSL_connect(ssl_.get()) == 1;
  }
  SSL* ssl() { return ssl_.get(); }
  std::string server_name() {
    X509* const certificate = SSL_get1_peer_certificate(ssl_.get());
    char name[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    return name;
  }

  void send(std::string_view bytes) {
    if (ssl_) {
      SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    } else if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) {
      received_ += "<cannot send>\r\n";
    }
  }
  // What comes next, in one read; empty at the end.
  std::string read() {
    char buffer[16 * 1024];
    const auto count = ssl_ ? SSL_read(ssl_.get(), buffer, sizeof buffer) : ::recv(socket_, buffer, sizeof buffer, 0);
    return count > 0 ? std::string(buffer, static_cast<std::size_t>(count)) : std::string();
  }
  std::string line() {
    std::size_t end;
    while ((end = received_.find("\r\n")) == std::string::npos) {
      const std::string more = read();
      if (more.empty()) return "<closed>";
      received_ += more;
    }
    std::string text = received_.substr(0, end);
    received_.erase(0, end + 2);
    return text;
  }
  // Up to the line that begins with the tag; all of them, each with a line end.
  std::string command(const std::string& tag, const std::string& text) {
    send(tag + ' ' + text + "\r\n");
    std::string all;
    while (true) {
      const std::string one = line();
      all += one + '\n';
      if (one.starts_with(tag + ' ') || one == "<closed>") return all;
    }
  }

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string received_;
};

}  // namespace imapd::session
