#pragma once

#include <cstdio>
#include <cstdlib>

// Aborts when `condition` is false: a bug of ours, never an input of a peer. On in every build: a broker that goes on after a
// broken invariant would hand one message to two workers.
#define CHECK(condition)                                                                   \
  do {                                                                                     \
    if (!(condition)) [[unlikely]] {                                                       \
      std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #condition);   \
      std::abort();                                                                        \
    }                                                                                      \
  } while (false)
