#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/queue/queue.h"
#include "broker/queue/rules.h"
#include "broker/rpc/server.h"
#include "broker/store_users.h"
#include "claimq/v1/admin_service.grpc.pb.h"
#include "claimq/v1/queue_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "imapd/auth/password.h"
#include "imapd/auth/sasl.h"
#include "imapd/auth/users.h"
#include "imapd/ops/health.h"
#include "imapd/store/store.h"
#include "tests/support/await.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace rpc_test {

namespace v1 = claimq::v1;
using google::protobuf::util::TimeUtil;

// A server on a fresh store, with the users admin (administrator), alice and bob, all with password `secret`.
class RpcTest : public ::testing::Test {
 protected:
  // Far beyond what anything here takes: a test that meets it has failed.
  static constexpr std::chrono::seconds kPatience{30};

  RpcTest() {
    imapd::store::StoreOptions store_options;
    store_options.directory = directory_.path();
    store_options.durability = imapd::store::Durability::kRelaxed;
    store_ = imapd::store::Store::open(store_options, clock_, rules_, health_).value();
    static const std::string hash = imapd::auth::hash_password("secret").value();
    for (const char* name : {"admin", "alice", "bob"}) {
      imapd::store::PutUser put;
      put.user = {name, hash, std::string_view(name) == "admin", clock_.now()};
      EXPECT_TRUE(support::await(*store_, &imapd::store::Store::put_user, std::move(put)));
    }
    users_ = std::make_unique<broker::StoreUsers>(*store_);
    authenticator_ = std::make_unique<imapd::auth::Authenticator>(*users_);
    queues_ = std::make_unique<broker::queue::Queues>(*store_, clock_);
    broker::rpc::ServerOptions options;
    options.info = {"1.2.3", "relaxed", "127.0.0.1:1143"};
    server_ = broker::rpc::Server::start(options, {*store_, *queues_, *authenticator_, health_, clock_}).value();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials());
    queue_ = v1::QueueService::NewStub(channel_);
    admin_ = v1::AdminService::NewStub(channel_);
  }

  struct Answer {
    grpc::Status status;
    std::string reason;  // Of ErrorInfo.
    std::vector<std::string> fields;  // Of BadRequest.
  };
  static Answer answer(grpc::Status status) {
    Answer answer{status, "", {}};
    google::rpc::Status details;
    if (!details.ParseFromString(status.error_details())) return answer;
    for (const auto& any : details.details()) {
      google::rpc::ErrorInfo info;
      google::rpc::BadRequest bad;
      if (any.UnpackTo(&info) && info.domain() == "claimq") answer.reason = info.reason();
      if (any.UnpackTo(&bad)) {
        for (const auto& violation : bad.field_violations()) answer.fields.push_back(violation.field());
      }
    }
    return answer;
  }

  static std::string basic(const std::string& user, const std::string& password) {
    return "Basic " + imapd::auth::base64_encode(user + ":" + password);
  }
  static void authenticate(grpc::ClientContext& context, const std::string& user) {
    context.AddMetadata("authorization", basic(user, "secret"));
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
  }

  // call(*queue_, &v1::QueueService::Stub::Enqueue, request, response)
  template <class Stub, class Request, class Response>
  Answer call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
              Response& response, const std::string& user = "admin") {
    grpc::ClientContext context;
    authenticate(context, user);
    return answer((stub.*method)(&context, request, &response));
  }
  // For those whose response does not matter.
  template <class Stub, class Request, class Response>
  Answer call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
              const std::string& user = "admin") {
    Response response;
    return call(stub, method, request, response, user);
  }

  void create_queue(const std::string& name) {
    v1::CreateQueueRequest request;
    request.set_name(name);
    ASSERT_TRUE(call(*admin_, &v1::AdminService::Stub::CreateQueue, request).status.ok());
  }
  void grant(const std::string& queue, const std::string& user, const std::string& rights) {
    v1::SetAclRequest request;
    request.set_queue(queue);
    request.mutable_entry()->set_identifier(user);
    request.mutable_entry()->set_rights(rights);
    ASSERT_TRUE(call(*admin_, &v1::AdminService::Stub::SetAcl, request).status.ok());
  }
  std::vector<std::uint64_t> enqueue(const std::string& queue, int count) {
    v1::EnqueueRequest request;
    request.set_queue(queue);
    for (int i = 0; i < count; ++i) request.add_messages()->set_body("body " + std::to_string(i));
    v1::EnqueueResponse response;
    EXPECT_TRUE(call(*queue_, &v1::QueueService::Stub::Enqueue, request, response).status.ok());
    return {response.serials().begin(), response.serials().end()};
  }
  std::vector<v1::Claim> claim(const std::string& queue, std::uint32_t count_max = 1, std::chrono::seconds wait = {},
                               const std::string& worker = "w1") {
    v1::ClaimRequest request;
    request.set_queue(queue);
    request.set_worker_id(worker);
    request.set_count_max(count_max);
    if (wait.count() > 0) request.mutable_wait()->set_seconds(wait.count());
    v1::ClaimResponse response;
    const Answer answer = call(*queue_, &v1::QueueService::Stub::Claim, request, response);
    EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
    return {response.claims().begin(), response.claims().end()};
  }
  template <class Request>
  static Request settle_request(const std::string& queue, const std::vector<v1::Claim>& claims) {
    Request request;
    request.set_queue(queue);
    request.set_worker_id("w1");
    for (const v1::Claim& claim : claims) {
      auto* ref = request.add_claims();
      ref->set_serial(claim.message().serial());
      ref->set_token(claim.token());
    }
    return request;
  }

  support::TempDir directory_;
  support::ManualClock clock_;
  broker::queue::QueueRules rules_;
  imapd::ops::Health health_;
  std::unique_ptr<imapd::store::Store> store_;
  std::unique_ptr<broker::StoreUsers> users_;
  std::unique_ptr<imapd::auth::Authenticator> authenticator_;
  std::unique_ptr<broker::queue::Queues> queues_;
  std::unique_ptr<broker::rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::QueueService::Stub> queue_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

using QueueStub = v1::QueueService::Stub;
using AdminStub = v1::AdminService::Stub;
using grpc::StatusCode;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

}  // namespace rpc_test
