#pragma once

#include <zlib.h>

#include <memory>
#include <string>

#include "imapd/session/stream.h"

namespace imapd::ext {

// COMPRESS=DEFLATE (RFC 4978): raw deflate both ways over another stream.
//
// Operation    Each write ends on a byte boundary, so that the client can read all of it. As with TLS, what could not be written at
//              once is to be offered again.
// Limits       One read gives no more than was asked for, however far it was compressed: a small input that grows without end meets
//              the limits of the framer as it would uncompressed. Some 32 KiB for each direction (kWindowBits, kMemoryLevel; the
//              client chooses its own window of at most 32 KiB), and while something is on its way kPieceBytes.
class DeflateStream final : public session::Stream {
 public:
  static constexpr int kWindowBits = 12;
  static constexpr int kMemoryLevel = 5;
  static constexpr std::size_t kPieceBytes = 16 * 1024;

  explicit DeflateStream(session::Stream& below);  // Outlives it.
  DeflateStream(const DeflateStream&) = delete;
  ~DeflateStream() override;

  Task<boost::system::error_code> wait_readable() override;
  Task<boost::system::error_code> wait_writable() override;
  std::size_t read_some(std::span<char> into, boost::system::error_code& error) override;
  std::size_t write_some(std::string_view bytes, boost::system::error_code& error) override;
  void acknowledge() override { below_.acknowledge(); }
  void close() override { below_.close(); }
  std::string peer_address() const override { return below_.peer_address(); }
  const session::TlsStream* tls() const override { return below_.tls(); }

 private:
  void compress(std::string_view bytes);

  session::Stream& below_;
  z_stream inflater_{};
  z_stream deflater_{};
  std::string received_;        // Read below and not inflated yet.
  bool more_to_give_ = false;   // The inflater may hold output for which there was no room.
  std::string unsent_;          // Compressed, the first sent_ bytes of it are gone.
  std::size_t sent_ = 0;
  std::size_t unsent_stands_for_ = 0;  // So many bytes before compression.
};

}  // namespace imapd::ext
