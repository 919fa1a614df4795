# Makes the archive that ships of the one cargo made: one object whose only global symbols are
# Dunlin's. A second Rust library of the same image (its panic handler, its critical section, its
# copy of core) does not clash with it, and mem* come from the C library.
#
#   cmake -DARCHIVE=libdunlin.a -DOUTPUT=out.a -DEXPORTS=exports.txt -DCC=gcc [-DCFLAGS=a;b]
#         [-DAR=ar] [-DOBJCOPY=objcopy] -P DunlinPrelink.cmake
cmake_minimum_required(VERSION 3.20)

foreach(name IN ITEMS ARCHIVE OUTPUT EXPORTS CC)
    if(NOT DEFINED ${name})
        message(FATAL_ERROR "DunlinPrelink: -D${name}= is missing")
    endif()
endforeach()

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
    if(NOT result EQUAL 0)
        string(REPLACE ";" " " command "${ARGN}")
        message(FATAL_ERROR "DunlinPrelink: ${command}\n${out}${err}")
    endif()
    set(RUN_OUTPUT "${out}" PARENT_SCOPE)
endfunction()

# The tools that belong to the compiler, unless given.
foreach(tool IN ITEMS AR OBJCOPY)
    if(NOT ${tool})
        string(TOLOWER ${tool} program)
        run(${CC} -print-prog-name=${program})
        string(STRIP "${RUN_OUTPUT}" ${tool})
    endif()
endforeach()

get_filename_component(ARCHIVE "${ARCHIVE}" ABSOLUTE)
get_filename_component(OUTPUT "${OUTPUT}" ABSOLUTE)
get_filename_component(EXPORTS "${EXPORTS}" ABSOLUTE)
set(work "${OUTPUT}.prelink")
file(REMOVE_RECURSE "${work}")
file(MAKE_DIRECTORY "${work}")

# Without compiler_builtins: what it has, the C compiler's own libraries have too.
run(${CMAKE_COMMAND} -E chdir ${work} ${AR} x ${ARCHIVE})
file(GLOB objects "${work}/*.o")
list(FILTER objects EXCLUDE REGEX "/compiler_builtins-")
file(STRINGS "${EXPORTS}" exports)
list(TRANSFORM exports PREPEND "-Wl,-u," OUTPUT_VARIABLE roots)

run(${CC} ${CFLAGS} -r -nostdlib -Wl,--gc-sections ${roots} -o ${work}/dunlin.o ${objects})
run(${OBJCOPY} --keep-global-symbols=${EXPORTS} --strip-unneeded ${work}/dunlin.o)
file(REMOVE "${OUTPUT}")
run(${AR} rcs ${OUTPUT} ${work}/dunlin.o)
file(REMOVE_RECURSE "${work}")
