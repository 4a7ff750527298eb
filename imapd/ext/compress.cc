#include "imapd/ext/compress.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <new>

#include "imapd/base/check.h"
#include "imapd/session/commands.h"

namespace imapd::ext {
namespace {

Bytef* bytes_of(const char* text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

}  // namespace

DeflateStream::DeflateStream(session::Stream& below) : below_(below) {
  // Only memory may be missing: then this client must go.
  if (inflateInit2(&inflater_, -15) != Z_OK) throw std::bad_alloc();
  if (deflateInit2(&deflater_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -kWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    inflateEnd(&inflater_);
    throw std::bad_alloc();
  }
}

DeflateStream::~DeflateStream() {
  inflateEnd(&inflater_);
  deflateEnd(&deflater_);
}

Task<boost::system::error_code> DeflateStream::wait_readable() { return below_.wait_readable(); }
Task<boost::system::error_code> DeflateStream::wait_writable() { return below_.wait_writable(); }

std::size_t DeflateStream::read_some(std::span<char> into, boost::system::error_code& error) {
  error.clear();
  if (received_.empty() && !more_to_give_) {
    received_.resize(kPieceBytes);
    received_.resize(below_.read_some(std::span<char>(received_.data(), received_.size()), error));
    if (received_.empty()) {
      std::string().swap(received_);
      return 0;
    }
  }
  inflater_.next_in = bytes_of(received_.data());
  inflater_.avail_in = static_cast<uInt>(received_.size());
  inflater_.next_out = bytes_of(into.data());
  inflater_.avail_out = static_cast<uInt>(std::min<std::size_t>(into.size(), 1u << 30));
  const uInt room = inflater_.avail_out;
  const int outcome = inflate(&inflater_, Z_SYNC_FLUSH);
  received_.erase(0, received_.size() - inflater_.avail_in);
  if (received_.empty()) std::string().swap(received_);
  const std::size_t given = room - inflater_.avail_out;
  more_to_give_ = inflater_.avail_out == 0;
  if (given > 0) return given;
  // Z_BUF_ERROR: there was nothing to do. The end of the deflate stream is none that RFC 4978 knows.
  const bool goes_on = outcome == Z_OK || outcome == Z_BUF_ERROR;
  error = goes_on ? boost::system::error_code(asio::error::would_block)
                  : boost::system::errc::make_error_code(boost::system::errc::protocol_error);
  // With input left over although there is room for output, nothing would come of trying again.
  if (goes_on && !received_.empty()) error = boost::system::errc::make_error_code(boost::system::errc::protocol_error);
  return 0;
}

void DeflateStream::compress(std::string_view bytes) {
  unsent_stands_for_ = bytes.size();
  unsent_.resize(deflateBound(&deflater_, static_cast<uLong>(bytes.size())) + 16);
  deflater_.next_in = bytes_of(bytes.data());
  deflater_.avail_in = static_cast<uInt>(bytes.size());
  std::size_t filled = 0;
  while (true) {
    deflater_.next_out = bytes_of(unsent_.data() + filled);
    deflater_.avail_out = static_cast<uInt>(unsent_.size() - filled);
    const int outcome = deflate(&deflater_, Z_SYNC_FLUSH);
    CHECK(outcome == Z_OK || outcome == Z_BUF_ERROR);
    filled = unsent_.size() - deflater_.avail_out;
    if (deflater_.avail_out > 0) break;
    unsent_.resize(unsent_.size() * 2);
  }
  unsent_.resize(filled);
}

std::size_t DeflateStream::write_some(std::string_view bytes, boost::system::error_code& error) {
  error.clear();
  if (bytes.empty()) return 0;
  if (unsent_.empty()) compress(bytes.substr(0, kPieceBytes));
  while (sent_ < unsent_.size()) {
    const std::size_t count = below_.write_some(std::string_view(unsent_).substr(sent_), error);
    if (count == 0) return 0;
    sent_ += count;
  }
  std::string().swap(unsent_);
  sent_ = 0;
  return unsent_stands_for_;
}

}  // namespace imapd::ext

namespace imapd::session {

// RFC 4978, section 3. The loop puts the layer on behind the answer.
Task<Reply> run(Session& session, wire::Compress command) {
  if (command.mechanism != "DEFLATE") co_return bad("COMPRESS: DEFLATE is the only mechanism");
  if (session.compressed()) co_return no("DEFLATE is on already", wire::code::kCompressionActive);
  session.ask_for_layer(Session::Layer::kDeflate);
  co_return ok("DEFLATE begins");
}

}  // namespace imapd::session
