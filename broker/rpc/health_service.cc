#include "broker/rpc/health_service.h"

#include <optional>
#include <utility>

namespace broker::rpc {

namespace asio = boost::asio;
using Request = grpc::health::v1::HealthCheckRequest;
using Response = grpc::health::v1::HealthCheckResponse;

// One Check or Watch. Everything runs on its strand; reactions only post to it. Deletes itself when gRPC is done with it.
class HealthCall final : public grpc::ServerGenericBidiReactor {
 public:
  enum class Kind { kCheck, kWatch };

  HealthCall(HealthService& service, asio::thread_pool& pool, Kind kind)
      : service_(service), kind_(kind), strand_(pool.get_executor()) {}

  void start() {
    reading_ = service_.begin_reading();
    if (reading_) return StartRead(&buffer_);
    run([] {});
  }
  void look() {
    run([] {});
  }
  void stop() {
    run([this] { end({grpc::StatusCode::UNAVAILABLE, "the server is stopping"}); });
  }

 private:
  template <class Work>
  void run(Work work) {
    asio::post(strand_, [this, work = std::move(work)]() mutable {
      work();
      pump();
    });
  }

  void OnReadDone(bool ok) override {
    run([this, ok] {
      reading_ = false;
      Request request;
      const bool read = ok && grpc::SerializationTraits<Request>::Deserialize(&buffer_, &request).ok();
      buffer_.Clear();
      service_.end_reading();
      name_ = request.service();
      if (!read) end({grpc::StatusCode::INVALID_ARGUMENT, "the call has no request, or a malformed one"});
    });
  }
  void OnWriteDone(bool ok) override {
    run([this, ok] {
      writing_ = false;
      if (!ok) end(grpc::Status::CANCELLED);
    });
  }
  void OnCancel() override {
    run([this] { end(grpc::Status::CANCELLED); });
  }
  void OnDone() override {
    run([this] { done_ = true; });
  }

  void end(grpc::Status status) {
    if (!ending_) ending_ = std::move(status);
  }
  void pump() {
    if (!finished_ && !reading_ && !writing_) advance();
    if (finished_ && done_) delete this;
  }
  void advance() {
    if (kind_ == Kind::kWatch && !watching_ && !ending_) {
      watching_ = service_.add(*this);
      if (!watching_) end({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many watch already, or the server is stopping"});
    }
    const auto status = service_.status(name_);
    if (kind_ == Kind::kCheck && status == Response::SERVICE_UNKNOWN) end({grpc::StatusCode::NOT_FOUND, "there is no such service"});
    if (ending_) {
      if (watching_) service_.remove(*this);
      finished_ = true;
      return Finish(*ending_);
    }
    if (told_ == status) return;
    told_ = status;
    Response response;
    response.set_status(status);
    bool own = false;
    buffer_.Clear();
    if (!grpc::SerializationTraits<Response>::Serialize(response, &buffer_, &own).ok()) buffer_.Clear();
    if (kind_ == Kind::kCheck) {
      finished_ = true;
      return StartWriteAndFinish(&buffer_, grpc::WriteOptions(), grpc::Status::OK);
    }
    writing_ = true;
    StartWrite(&buffer_);
  }

  HealthService& service_;
  const Kind kind_;
  const asio::strand<asio::thread_pool::executor_type> strand_;
  std::string name_;
  grpc::ByteBuffer buffer_;  // gRPC's while reading_ or writing_.
  bool reading_ = false;
  bool writing_ = false;
  bool watching_ = false;
  std::optional<HealthService::Status> told_;
  std::optional<grpc::Status> ending_;
  bool finished_ = false;
  bool done_ = false;
};

HealthService::HealthService(asio::thread_pool& pool) {
  const auto start = [this, &pool](HealthCall::Kind kind) {
    auto* call = new HealthCall(*this, pool, kind);
    call->start();
    return call;
  };
  serve("Check", [start](grpc::CallbackServerContext*) { return start(HealthCall::Kind::kCheck); });
  serve("Watch", [start](grpc::CallbackServerContext*) { return start(HealthCall::Kind::kWatch); });
}

void HealthService::show(bool serving) {
  const std::lock_guard lock(mutex_);
  serving_ = serving;
  for (HealthCall* watch : watches_) watch->look();
}

void HealthService::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (HealthCall* watch : watches_) watch->stop();
}

bool HealthService::begin_reading() {
  const std::lock_guard lock(mutex_);
  if (reading_ == kReadingMax) return false;
  ++reading_;
  return true;
}

void HealthService::end_reading() {
  const std::lock_guard lock(mutex_);
  --reading_;
}

bool HealthService::add(HealthCall& watch) {
  const std::lock_guard lock(mutex_);
  return !stopped_ && watches_.size() < kWatchesMax && watches_.insert(&watch).second;
}

void HealthService::remove(HealthCall& watch) {
  const std::lock_guard lock(mutex_);
  watches_.erase(&watch);
}

HealthService::Status HealthService::status(const std::string& service) const {
  const bool known = service.empty() || service == "claimq.v1.QueueService" || service == "claimq.v1.AdminService";
  const std::lock_guard lock(mutex_);
  if (!known) return Response::SERVICE_UNKNOWN;
  return serving_ ? Response::SERVING : Response::NOT_SERVING;
}

}  // namespace broker::rpc
