#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imapd::ops {

// Whether this process should be given work: what the gRPC health service and the log tell the world.
//
// Operation    Each cause ("store", "draining") fails and recovers by itself; the process serves while no cause fails.
//              Starting to drain therefore does not hide a failed disk, nor the other way round.
// Concurrency  All members may be called from any thread. Listeners run on the thread that changes the health, one change
//              after the other. A listener may read the state; it must not change it, listen, or end a subscription.
// Limits       One entry for each cause; causes are constants of the code.
class Health {
 public:
  struct State {
    bool serving = true;
    std::string reason;  // For operators; empty while serving. "store: write failed; draining: asked to stop".
    friend bool operator==(const State&, const State&) = default;
  };
  using Listener = std::function<void(const State&)>;

  // Ends the listening when destroyed: after that the listener does not run any more. The Health outlives it.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(Subscription&& other) noexcept
        : health_(std::exchange(other.health_, nullptr)), number_(other.number_) {}
    Subscription& operator=(Subscription&& other) noexcept {
      std::swap(health_, other.health_);
      std::swap(number_, other.number_);
      return *this;
    }
    ~Subscription() {
      if (health_ != nullptr) health_->stop_listening(number_);
    }

   private:
    friend class Health;
    Subscription(Health* health, int number) : health_(health), number_(number) {}
    Health* health_ = nullptr;
    int number_ = 0;
  };

  Health() = default;
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  State state() const {
    const std::lock_guard lock(state_mutex_);
    return describe();
  }
  bool serving() const {
    const std::lock_guard lock(state_mutex_);
    return failures_.empty();
  }

  // `reason` is shown to operators and peers. A second failure of the same cause replaces the first one's reason.
  void fail(std::string_view cause, std::string reason) {
    change([&] { failures_[std::string(cause)] = std::move(reason); });
  }
  // No effect when `cause` does not fail.
  void recover(std::string_view cause) {
    change([&] { failures_.erase(std::string(cause)); });
  }

  // `listener` is called with the present state before this returns, and then after every change.
  [[nodiscard]] Subscription listen(Listener listener) {
    const std::lock_guard changing(change_mutex_);
    listener(state());
    const int number = ++last_number_;
    listeners_.emplace_back(number, std::move(listener));
    return Subscription(this, number);
  }

 private:
  template <class Edit>
  void change(Edit edit) {
    const std::lock_guard changing(change_mutex_);
    State before;
    State after;
    {
      const std::lock_guard lock(state_mutex_);
      before = describe();
      edit();
      after = describe();
    }
    if (before == after) return;
    for (const auto& [number, listener] : listeners_) listener(after);
  }

  State describe() const {
    State state;
    for (const auto& [cause, reason] : failures_) {
      if (!state.serving) state.reason += "; ";
      state.serving = false;
      state.reason += cause + ": " + reason;
    }
    return state;
  }

  void stop_listening(int number) {
    const std::lock_guard changing(change_mutex_);
    std::erase_if(listeners_, [number](const auto& entry) { return entry.first == number; });
  }

  // Held through a whole change, its listeners included, so that they see changes in order. Taken before state_mutex_.
  std::mutex change_mutex_;
  mutable std::mutex state_mutex_;
  std::map<std::string, std::string> failures_;
  std::vector<std::pair<int, Listener>> listeners_;
  int last_number_ = 0;
};

}  // namespace imapd::ops
