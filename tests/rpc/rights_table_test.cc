// Every right of RFC 4314 by every RPC: what each call needs on the queue it names is in rows(), and nothing else may be asked for.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <functional>
#include <set>

#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

constexpr std::string_view kAllRights = "lrswipkxtea";

class RightsTable : public RpcTest {
 protected:
  using Rights = std::set<char>;
  // A queue and one message of it that alice's worker holds.
  struct Case {
    std::string queue;
    std::vector<v1::Claim> claims;
  };
  // To add an RPC: one row, whose function calls it as alice for the queue of the case.
  struct Row {
    std::string_view rpc;
    std::string_view needs;  // Each of them.
    std::function<Answer(const Case&)> run;
  };

  static Rights set_of(std::string_view letters) { return {letters.begin(), letters.end()}; }

  template <class Stub, class Request, class Response>
  Answer as_alice(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const std::type_identity_t<Request>& request) {
    return call(stub, method, request, "alice");
  }
  template <class Request, class Response>
  std::function<Answer(const Case&)> settles(grpc::Status (QueueStub::*method)(grpc::ClientContext*, const Request&, Response*)) {
    return [this, method](const Case& at) { return as_alice(*queue_, method, settle_request<Request>(at.queue, at.claims)); };
  }
  template <class Request, class Response>
  std::function<Answer(const Case&)> names(grpc::Status (AdminStub::*method)(grpc::ClientContext*, const Request&, Response*),
                                           const std::string& below = "") {
    return [this, method, below](const Case& at) {
      Request request;
      request.set_name(at.queue + below);
      return as_alice(*admin_, method, request);
    };
  }

  Answer enqueue_one(const Case& at) {
    v1::EnqueueRequest request;
    request.set_queue(at.queue);
    request.add_messages()->set_body("x");
    return as_alice(*queue_, &QueueStub::Enqueue, request);
  }
  Answer claim_one(const Case& at) {
    v1::ClaimRequest request;
    request.set_queue(at.queue);
    request.set_worker_id("w2");
    return as_alice(*queue_, &QueueStub::Claim, request);
  }
  Answer peek(const Case& at) {
    v1::PeekRequest request;
    request.set_queue(at.queue);
    return as_alice(*queue_, &QueueStub::Peek, request);
  }
  Answer watch(const Case& at) {
    grpc::ClientContext context;
    authenticate(context, "alice");
    v1::WatchRequest request;
    request.set_queue(at.queue);
    const auto stream = queue_->Watch(&context, request);
    v1::WatchResponse response;
    if (!stream->Read(&response)) return answer(stream->Finish());
    context.TryCancel();
    stream->Finish();
    return {grpc::Status::OK, "", {}};
  }
  Answer get(const Case& at) {
    v1::GetRequest request;
    request.set_queue(at.queue);
    request.set_serial(at.claims.at(0).message().serial());
    return as_alice(*queue_, &QueueStub::Get, request);
  }
  Answer search(const Case& at) {
    v1::SearchRequest request;
    request.set_queue(at.queue);
    request.set_search("ALL");
    return as_alice(*queue_, &QueueStub::Search, request);
  }
  Answer complete(const Case& at, bool enqueues) {
    v1::CompleteRequest request;
    request.set_worker_id("w1");
    request.add_acks()->set_queue(at.queue);
    auto& ref = *request.mutable_acks(0)->add_claims();
    ref.set_serial(at.claims.at(0).message().serial());
    ref.set_token(at.claims[0].token());
    if (enqueues) {
      request.add_enqueues()->set_queue(at.queue);
      request.mutable_enqueues(0)->add_messages()->set_body("x");
    }
    return as_alice(*queue_, &QueueStub::Complete, request);
  }
  Answer of_status(const google::rpc::Status& status) {
    Answer result{{static_cast<grpc::StatusCode>(status.code()), status.message()}, "", {}};
    google::rpc::ErrorInfo info;
    if (!status.details().empty() && status.details(0).UnpackTo(&info)) result.reason = info.reason();
    return result;
  }
  Answer enqueue_by_stream(const Case& at) {
    grpc::ClientContext context;
    authenticate(context, "alice");
    const auto stream = queue_->EnqueueStream(&context);
    v1::EnqueueStreamRequest request;
    request.set_queue(at.queue);
    request.add_messages()->set_body("x");
    v1::EnqueueStreamResponse response;
    if (!stream->Write(request) || !stream->Read(&response)) return answer(stream->Finish());
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
    return of_status(response.results(0).status());
  }
  template <class Response>
  Answer last_of(std::unique_ptr<grpc::ClientReader<Response>> stream) {
    Response response;
    while (stream->Read(&response)) {}
    return answer(stream->Finish());
  }
  Answer purge(const Case& at, const std::string& search) {
    grpc::ClientContext context;
    authenticate(context, "alice");
    v1::PurgeRequest request;
    request.set_queue(at.queue);
    request.set_search(search);
    return last_of(admin_->Purge(&context, request));
  }
  Answer redrive(const std::string& from, const std::string& to) {
    grpc::ClientContext context;
    authenticate(context, "alice");
    v1::RedriveRequest request;
    request.set_queue(from);
    request.set_to(to);
    return last_of(admin_->Redrive(&context, request));
  }
  // One on which alice has every right.
  std::string spare_queue() { return new_case().queue; }
  // Until the first claim; with `acks`, until the result of its ack.
  Answer work(const Case& at, bool acks) {
    grpc::ClientContext context;
    authenticate(context, "alice");
    const auto stream = queue_->Work(&context);
    v1::WorkRequest start;
    start.mutable_start()->set_queue(at.queue);
    start.mutable_start()->set_worker_id("w3");
    v1::WorkRequest credit;
    credit.mutable_credit()->set_messages(1);
    v1::WorkResponse response;
    const bool refused = !stream->Write(start) || !stream->Write(credit) || !stream->Read(&response);
    if (refused) return answer(stream->Finish());
    Answer result{grpc::Status::OK, "", {}};
    if (acks) {
      v1::WorkRequest settle;
      auto& ack = *settle.mutable_settle()->add_ack();
      ack.set_serial(response.claims(0).message().serial());
      ack.set_token(response.claims(0).token());
      stream->Write(settle);
      while (stream->Read(&response) && response.results().empty()) {}
      if (response.results().empty()) return answer(stream->Finish());
      result = of_status(response.results(0).status());
    }
    context.TryCancel();
    stream->Finish();
    return result;
  }
  // Not being listed is the answer for a queue that is not there.
  Answer list(const Case& at) {
    v1::ListQueuesRequest request;
    request.set_page_size(1000);
    v1::ListQueuesResponse response;
    const Answer listed = call(*admin_, &AdminStub::ListQueues, request, response, "alice");
    const bool found = std::ranges::any_of(response.queues(), [&at](const v1::Queue& queue) { return queue.name() == at.queue; });
    return found ? listed : Answer{{StatusCode::NOT_FOUND, "not listed"}, "", {}};
  }
  Answer set_acl(const Case& at) {
    v1::SetAclRequest request;
    request.set_queue(at.queue);
    request.mutable_entry()->set_identifier("bob");
    request.mutable_entry()->set_rights("lr");
    return as_alice(*admin_, &AdminStub::SetAcl, request);
  }
  Answer get_acl(const Case& at) {
    v1::GetAclRequest request;
    request.set_queue(at.queue);
    return as_alice(*admin_, &AdminStub::GetAcl, request);
  }
  Answer delete_by_force(const Case& at) {
    v1::DeleteQueueRequest request;
    request.set_name(at.queue);
    request.set_force(true);
    return as_alice(*admin_, &AdminStub::DeleteQueue, request);
  }

  std::vector<Row> rows() {
    return {
        {"Enqueue", "li", [this](const Case& at) { return enqueue_one(at); }},
        {"EnqueueStream", "li", [this](const Case& at) { return enqueue_by_stream(at); }},
        {"Claim", "lw", [this](const Case& at) { return claim_one(at); }},
        {"Work", "lw", [this](const Case& at) { return work(at, false); }},
        {"Work", "lwe", [this](const Case& at) { return work(at, true); }},
        {"Ack", "le", settles(&QueueStub::Ack)},
        {"Release", "lw", settles(&QueueStub::Release)},
        {"Fail", "lw", settles(&QueueStub::Fail)},
        {"Reject", "lw", settles(&QueueStub::Reject)},
        {"Extend", "lw", settles(&QueueStub::Extend)},
        {"Complete", "le", [this](const Case& at) { return complete(at, false); }},
        {"Complete", "lei", [this](const Case& at) { return complete(at, true); }},
        {"Get", "lr", [this](const Case& at) { return get(at); }},
        {"Search", "lr", [this](const Case& at) { return search(at); }},
        {"Peek", "lr", [this](const Case& at) { return peek(at); }},
        {"Watch", "lr", [this](const Case& at) { return watch(at); }},
        {"CreateQueue", "lk", names(&AdminStub::CreateQueue, "/child")},
        {"GetQueue", "l", names(&AdminStub::GetQueue)},
        {"ListQueues", "l", [this](const Case& at) { return list(at); }},
        {"UpdateQueue", "la", names(&AdminStub::UpdateQueue)},
        {"DeleteQueue", "lx", [this](const Case& at) { return delete_by_force(at); }},
        {"Purge", "lte", [this](const Case& at) { return purge(at, ""); }},
        {"Purge", "ltre", [this](const Case& at) { return purge(at, "BODY x"); }},
        {"Redrive", "ltre", [this](const Case& at) { return redrive(at.queue, spare_queue()); }},
        {"Redrive", "li", [this](const Case& at) { return redrive(spare_queue(), at.queue); }},
        {"SetAcl", "la", [this](const Case& at) { return set_acl(at); }},
        {"GetAcl", "la", [this](const Case& at) { return get_acl(at); }},
    };
  }
  // They name no queue. Those of users are for server administrators, whatever rights somebody has on queues.
  static constexpr std::string_view kNoQueue[] = {"GetServerInfo", "CreateUser", "SetPassword", "ListUsers", "DeleteUser"};

  Case new_case() {
    Case at{"q" + std::to_string(++last_queue_), {}};
    create_queue(at.queue);
    grant(at.queue, "alice", std::string(kAllRights));
    enqueue(at.queue, 2);
    v1::ClaimRequest request;
    request.set_queue(at.queue);
    request.set_worker_id("w1");
    v1::ClaimResponse response;
    EXPECT_TRUE(call(*queue_, &QueueStub::Claim, request, response, "alice").status.ok());
    at.claims = {response.claims().begin(), response.claims().end()};
    return at;
  }
  void check(const Row& row, const Rights& rights) {
    SCOPED_TRACE(std::string(row.rpc) + " with the rights " + std::string(rights.begin(), rights.end()));
    Case at = new_case();
    grant(at.queue, "alice", std::string(rights.begin(), rights.end()));
    const Answer got = row.run(at);
    const auto has = [&rights](char right) { return rights.contains(right); };
    if (std::ranges::all_of(row.needs, has)) {
      EXPECT_TRUE(got.status.ok()) << "refused, though rows() says that these suffice: " << got.status.error_message();
    } else if (!has('l')) {
      const std::string name = std::exchange(at.queue, "nowhere");
      const Answer nowhere = row.run(at);
      std::string message = got.status.error_message();
      if (const auto found = message.find(name); found != std::string::npos) message.replace(found, name.size(), "nowhere");
      EXPECT_EQ(got.status.error_code(), nowhere.status.error_code());
      EXPECT_EQ(got.reason, nowhere.reason);
      EXPECT_EQ(message, nowhere.status.error_message()) << "tells that there is a queue which the user may not know of";
      EXPECT_FALSE(got.status.ok());
    } else {
      EXPECT_EQ(got.status.error_code(), StatusCode::PERMISSION_DENIED) << got.status.error_message();
      EXPECT_EQ(got.reason, "NO_RIGHT");
    }
  }

 private:
  std::uint32_t last_queue_ = 0;
};

TEST_F(RightsTable, EachRightIsNeededExactlyWhereTheTableSaysSo) {
  for (const Row& row : rows()) {
    for (const char without : kAllRights) {
      Rights rights = set_of(kAllRights);
      rights.erase(without);
      check(row, rights);
    }
  }
}

TEST_F(RightsTable, WhatIsNeededSuffices) {
  for (const Row& row : rows()) check(row, set_of(row.needs));
}

TEST_F(RightsTable, UsersAreTheServerAdministrators) {
  const Case at = new_case();
  v1::CreateUserRequest create;
  create.set_name("carol");
  create.set_password("another secret");
  v1::SetPasswordRequest set_password;
  set_password.set_name("bob");
  set_password.set_password("another secret");
  v1::DeleteUserRequest remove;
  remove.set_name("bob");
  EXPECT_EQ(as_alice(*admin_, &AdminStub::CreateUser, create).reason, "NO_RIGHT");
  EXPECT_EQ(as_alice(*admin_, &AdminStub::SetPassword, set_password).reason, "NO_RIGHT");
  EXPECT_EQ(as_alice(*admin_, &AdminStub::DeleteUser, remove).reason, "NO_RIGHT");
  EXPECT_EQ(as_alice(*admin_, &AdminStub::ListUsers, {}).reason, "NO_RIGHT");
  EXPECT_TRUE(as_alice(*admin_, &AdminStub::GetServerInfo, {}).status.ok());
}

TEST_F(RightsTable, EveryRpcHasARow) {
  std::set<std::string_view> seen(std::begin(kNoQueue), std::end(kNoQueue));
  for (const Row& row : rows()) seen.insert(row.rpc);
  for (const char* name : {"claimq.v1.QueueService", "claimq.v1.AdminService"}) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    ASSERT_NE(service, nullptr);
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string& rpc = service->method(i)->name();
      EXPECT_TRUE(seen.contains(rpc)) << "The RPC " << rpc << " is not in rows() of rights_table_test.cc. Add a row {\"" << rpc
                                      << "\", the rights on the queue that it needs, a function that calls it as alice}.";
    }
  }
}

// Who may make queues under one that he sees is told neither of the queue that is there nor of that he may not see it.
TEST_F(RightsTable, CreateQueueDoesNotTellOfAQueueThatMayNotBeLookedUp) {
  create_queue("top");
  grant("top", "alice", "lk");
  create_queue("top/hidden");
  grant("top/hidden", "alice", "");
  create_queue("top/shown");
  grant("top/shown", "alice", "l");
  for (const char* dead_letters : {"top/hidden/Dead", "top/shown/Dead"}) grant(dead_letters, "alice", "li");
  v1::CreateQueueRequest request;
  request.set_name("top/hidden");
  EXPECT_EQ(as_alice(*admin_, &AdminStub::CreateQueue, request).reason, "NO_RIGHT");
  request.set_name("top/shown");
  EXPECT_EQ(as_alice(*admin_, &AdminStub::CreateQueue, request).reason, "QUEUE_EXISTS");
  request.set_name("top/new");
  EXPECT_TRUE(as_alice(*admin_, &AdminStub::CreateQueue, request).status.ok());
}

}  // namespace
}  // namespace rpc_test
