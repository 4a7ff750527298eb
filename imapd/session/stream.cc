#include "imapd/session/stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace imapd::session {

namespace {
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
}

SocketStream::SocketStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
  boost::system::error_code ignored;  // A socket that failed already says so at the first read.
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Task<boost::system::error_code> SocketStream::wait_readable() {
  auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, kNoThrow);
  co_return error;
}

Task<boost::system::error_code> SocketStream::wait_writable() {
  auto [error] = co_await socket_.async_wait(asio::socket_base::wait_write, kNoThrow);
  co_return error;
}

std::size_t SocketStream::read_some(std::span<char> into, boost::system::error_code& error) {
  return socket_.read_some(asio::buffer(into.data(), into.size()), error);
}

std::size_t SocketStream::write_some(std::string_view bytes, boost::system::error_code& error) {
  return socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
}

void SocketStream::acknowledge() {
#ifdef TCP_QUICKACK
  const asio::detail::socket_option::boolean<IPPROTO_TCP, TCP_QUICKACK> quick(true);
  boost::system::error_code ignored;
  socket_.set_option(quick, ignored);
#endif
}

void SocketStream::close() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);
  socket_.close(ignored);
}

std::string SocketStream::peer_address() const {
  boost::system::error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

}  // namespace imapd::session
