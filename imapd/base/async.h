#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "imapd/base/callback.h"

namespace imapd {

namespace asio = boost::asio;

template <class T>
using Task = asio::awaitable<T>;

// Gives a verb of the form `void verb(Request, Callback<Outcome>)` an Asio completion token:
//
//     auto outcome = co_await async(store, &Store::append, std::move(request));
//
// The completion handler runs on its associated executor, never inside the verb nor on the verb's thread.
template <class Object, class Class, class Request, class Outcome, class Token = asio::use_awaitable_t<>>
auto async(Object& object, void (Class::*verb)(Request, Callback<Outcome>), std::type_identity_t<Request> request,
           Token&& token = Token()) {
  auto initiate = [&object, verb](auto handler, Request started) {
    auto executor = asio::get_associated_executor(handler);
    auto work = asio::make_work_guard(executor);
    (object.*verb)(std::move(started), [handler = std::move(handler), work = std::move(work)](Outcome outcome) mutable {
      auto target = work.get_executor();
      asio::post(target, [handler = std::move(handler), outcome = std::move(outcome), work = std::move(work)]() mutable {
        std::move(handler)(std::move(outcome));
      });
    });
  };
  return asio::async_initiate<Token, void(Outcome)>(std::move(initiate), token, std::move(request));
}

}  // namespace imapd
