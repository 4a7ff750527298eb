#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "imapd/base/async.h"

namespace imapd::session {

class TlsStream;

// A two-way stream of bytes, driven by readiness: nothing is held for a client from whom nothing comes.
//
// Concurrency  One strand. At most one wait of each kind at a time; a wait ends with operation_aborted when it is cancelled.
class Stream {
 public:
  virtual ~Stream() = default;
  // May also return when nothing is ready: the next try says would_block then.
  virtual Task<boost::system::error_code> wait_readable() = 0;
  virtual Task<boost::system::error_code> wait_writable() = 0;
  // Never block. 0 bytes only with an error, would_block or eof among them.
  virtual std::size_t read_some(std::span<char> into, boost::system::error_code& error) = 0;
  virtual std::size_t write_some(std::string_view bytes, boost::system::error_code& error) = 0;
  // To be called before waiting for the rest of what has come in part: the peer may hold it back until it knows that the first
  // part has arrived (Nagle's algorithm), which it is else told only after some 40 ms.
  virtual void acknowledge() {}
  // Ends both directions and all waits.
  virtual void close() = 0;
  // Without the port; empty when there is none.
  virtual std::string peer_address() const = 0;
  // The TLS in this stream or below it; nullptr: there is none, whoever is on the way can read along.
  virtual const TlsStream* tls() const { return nullptr; }
};

class SocketStream final : public Stream {
 public:
  explicit SocketStream(asio::ip::tcp::socket socket);
  Task<boost::system::error_code> wait_readable() override;
  Task<boost::system::error_code> wait_writable() override;
  std::size_t read_some(std::span<char> into, boost::system::error_code& error) override;
  std::size_t write_some(std::string_view bytes, boost::system::error_code& error) override;
  void acknowledge() override;
  void close() override;
  std::string peer_address() const override;

 private:
  asio::ip::tcp::socket socket_;
};

}  // namespace imapd::session
