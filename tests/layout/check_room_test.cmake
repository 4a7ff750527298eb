# check_room.cmake must refuse what the design forbids, and take what it allows. Run by ctest as `layout`.
set(folder ${WORK}/layout_test)
file(MAKE_DIRECTORY ${folder})

# expect(OUTCOME "source text" "allowed headers" "foreign prefixes")
function(expect outcome text allowed foreign)
  file(WRITE ${folder}/file.cc "${text}\n")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DROOT=${ROOT} -DROOM=test -DDIR=imapd/wire "-DALLOWED=${allowed}" "-DFOREIGN=${foreign}"
            -DFILES=${folder}/file.cc -DSTAMP=${folder}/stamp -P ${ROOT}/tests/layout/check_room.cmake
    RESULT_VARIABLE result ERROR_VARIABLE error OUTPUT_QUIET)
  if((outcome STREQUAL "refused" AND result EQUAL 0) OR (outcome STREQUAL "taken" AND NOT result EQUAL 0))
    message(FATAL_ERROR "should be ${outcome}: ${text}\n${error}")
  endif()
endfunction()

expect(taken "#include \"imapd/wire/framer.h\"" "" "")
expect(taken "#include <vector>" "" "")
expect(refused "#include \"imapd/store/store.h\"" "imapd/base/ids.h" "")
expect(taken "#include \"imapd/base/ids.h\"" "imapd/base/ids.h|imapd/base/flag.h" "")
expect(refused "#include \"imapd/store/pending.h\"" "imapd/store/store.h" "")
expect(refused "#include \"../store/store.h\"" "imapd/store/store.h" "")
expect(refused "#include <rocksdb/db.h>" "" "")
expect(taken "#include <rocksdb/db.h>" "" "rocksdb")
expect(refused "  #  include <grpcpp/grpcpp.h>" "" "rocksdb")
expect(refused "#include <boost/asio/post.hpp>" "" "")
