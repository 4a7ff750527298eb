#pragma once

#include <future>
#include <type_traits>
#include <utility>

#include "imapd/base/callback.h"

namespace support {

// Starts a verb; the future has its outcome.
template <class Object, class Class, class Request, class Outcome>
std::future<Outcome> start(Object& object, void (Class::*verb)(Request, imapd::Callback<Outcome>),
                           std::type_identity_t<Request> request) {
  std::promise<Outcome> promise;
  std::future<Outcome> future = promise.get_future();
  (object.*verb)(std::move(request),
                 [promise = std::move(promise)](Outcome outcome) mutable { promise.set_value(std::move(outcome)); });
  return future;
}

// Runs a verb to its end.
template <class Object, class Class, class Request, class Outcome>
Outcome await(Object& object, void (Class::*verb)(Request, imapd::Callback<Outcome>), std::type_identity_t<Request> request) {
  return start(object, verb, std::move(request)).get();
}

}  // namespace support
