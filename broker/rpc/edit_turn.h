#pragma once

#include <boost/asio/experimental/concurrent_channel.hpp>

#include "imapd/base/async.h"

namespace broker::rpc {

// A mutex for coroutines: who must wait keeps no thread.
class EditTurn {
 public:
  explicit EditTurn(boost::asio::any_io_executor executor) : taken_(std::move(executor), 1) {}

  imapd::Task<void> take() {
    const boost::system::error_code none;
    co_await taken_.async_send(none, boost::asio::use_awaitable);
  }

  // Gives back at its end what was taken before it was made.
  class Held {
   public:
    explicit Held(EditTurn& turn) : turn_(turn) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() {
      turn_.taken_.try_receive([](boost::system::error_code) {});
    }

   private:
    EditTurn& turn_;
  };

 private:
  boost::asio::experimental::concurrent_channel<void(boost::system::error_code)> taken_;
};

}  // namespace broker::rpc
