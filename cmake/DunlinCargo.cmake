# The cargo call. dunlin_add_cargo(OUT) makes the target `dunlin_archive` and sets OUT to the
# archive it builds (with $<CONFIG> in it when the generator has several).

include("${CMAKE_CURRENT_LIST_DIR}/DunlinTarget.cmake")

# dunlin_find_rust(TRIPLE): sets DUNLIN_FOUND_CARGO, DUNLIN_FOUND_RUSTC and DUNLIN_FOUND_BUILD_STD.
# A toolchain that has the target's core is taken first, then one that has core's source.
function(dunlin_find_rust triple)
    find_program(DUNLIN_CARGO cargo HINTS "$ENV{HOME}/.cargo/bin" DOC "cargo")
    set(cargos "${DUNLIN_CARGO}")
    # A distribution's toolchain beside rustup's.
    if(EXISTS /usr/bin/cargo)
        list(APPEND cargos /usr/bin/cargo)
    endif()
    list(REMOVE_DUPLICATES cargos)
    set(tried "")
    foreach(kind IN ITEMS prebuilt source)
        foreach(cargo IN LISTS cargos)
            get_filename_component(folder "${cargo}" DIRECTORY)
            set(rustc "${folder}/rustc")
            if(NOT EXISTS "${rustc}")
                continue()
            endif()
            if(kind STREQUAL "prebuilt")
                execute_process(COMMAND ${rustc} --print target-libdir --target ${triple}
                    OUTPUT_VARIABLE libdir OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
                file(GLOB core "${libdir}/libcore-*.rlib")
            else()
                execute_process(COMMAND ${rustc} --print sysroot
                    OUTPUT_VARIABLE sysroot OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
                file(GLOB core "${sysroot}/lib/rustlib/src/rust/library/core/Cargo.toml")
            endif()
            if(core)
                set(DUNLIN_FOUND_CARGO "${cargo}" PARENT_SCOPE)
                set(DUNLIN_FOUND_RUSTC "${rustc}" PARENT_SCOPE)
                if(kind STREQUAL "source")
                    set(DUNLIN_FOUND_BUILD_STD ON PARENT_SCOPE)
                else()
                    set(DUNLIN_FOUND_BUILD_STD OFF PARENT_SCOPE)
                endif()
                return()
            endif()
            list(APPEND tried "${cargo}")
        endforeach()
    endforeach()
    list(REMOVE_DUPLICATES tried)
    message(FATAL_ERROR "Dunlin: no Rust toolchain has the target ${triple} (tried: ${tried}).\n"
        "With rustup: rustup target add ${triple}. Another cargo: set DUNLIN_CARGO.")
endfunction()

# dunlin_numbers(OUT): NAME=value for every build number that is set as a CMake variable. The names
# are those of build.rs, which rejects any other.
function(dunlin_numbers source out)
    file(STRINGS "${source}/build.rs" rows REGEX "^    \\(\"[A-Z0-9_]+\", [0-9]+,")
    set(list "")
    foreach(row IN LISTS rows)
        string(REGEX REPLACE "^    \\(\"([A-Z0-9_]+)\".*" "DUNLIN_\\1" name "${row}")
        if(DEFINED ${name} AND NOT "${${name}}" STREQUAL "")
            list(APPEND list "${name}=${${name}}")
        endif()
    endforeach()
    set(${out} "${list}" PARENT_SCOPE)
endfunction()

# What an image that has Rust of its own switches off.
option(DUNLIN_RT "Dunlin's archive stands alone; OFF: it is made of the crate DUNLIN_RUST_CRATE" ON)
option(DUNLIN_CRITICAL_SECTION "The critical section is that of the port; OFF: the image brings one" ON)
set(DUNLIN_CRITICAL_SECTION_STATE u32 CACHE STRING
    "With DUNLIN_CRITICAL_SECTION=OFF: the restore-state of the image's: none, bool, u8, u16, u32, u64, usize")
set(DUNLIN_RUST_CRATE "" CACHE PATH
    "With DUNLIN_RT=OFF: folder of a Cargo package that depends on dunlin and has the panic handler")
set(DUNLIN_RUST_EXPORTS "" CACHE STRING "With DUNLIN_RT=OFF: that package's own functions for C")

# dunlin_cargo_package(SOURCE PACKAGE LIB FEATURES): what cargo builds, by the options above.
function(dunlin_cargo_package source package lib features)
    set(list "")
    set(in "")
    if(DUNLIN_RT)
        set(folder "${source}")
        set(list rt)
    else()
        if(NOT EXISTS "${DUNLIN_RUST_CRATE}/Cargo.toml")
            message(FATAL_ERROR "Dunlin: DUNLIN_RT=OFF leaves out the panic handler. Set DUNLIN_RUST_CRATE to the folder "
                "of the Cargo package that has one and depends on dunlin.")
        endif()
        set(folder "${DUNLIN_RUST_CRATE}")
        set(in "dunlin/")
    endif()
    if(DUNLIN_CRITICAL_SECTION)
        list(APPEND list ${in}critical-section-port)
    elseif(DUNLIN_RT)
        # Both sides must say the same; a package that depends on dunlin says it by itself.
        list(APPEND list critical-section/restore-state-${DUNLIN_CRITICAL_SECTION_STATE})
    endif()
    file(STRINGS "${folder}/Cargo.toml" name REGEX "^name = " LIMIT_COUNT 1)
    string(REGEX REPLACE ".*\"(.*)\".*" "\\1" name "${name}")
    string(REPLACE "-" "_" name "${name}")
    list(JOIN list "," list)
    set(${package} "${folder}" PARENT_SCOPE)
    set(${lib} "lib${name}.a" PARENT_SCOPE)
    set(${features} "${list}" PARENT_SCOPE)
endfunction()

function(dunlin_add_cargo out)
    get_filename_component(source "${CMAKE_CURRENT_FUNCTION_LIST_DIR}" DIRECTORY)
    dunlin_rust_target(triple)
    dunlin_find_rust("${triple}")
    dunlin_numbers("${source}" numbers)
    dunlin_cargo_package("${source}" package lib features)

    # Debug builds check invariants and overflow; they are optimised like the others, since an
    # unoptimised core would not fit most devices.
    set(profile "$<IF:$<CONFIG:Debug>,checked,release>")
    set(locked --locked)
    set(results "${profile}")
    if(NOT DUNLIN_RT)
        # The other package's own profiles, and its own word on versions.
        set(locked "")
        set(profile "$<IF:$<CONFIG:Debug>,dev,release>")
        set(results "$<IF:$<CONFIG:Debug>,debug,release>")
    endif()
    # What the user's shell has for other Rust projects must not change this one.
    set(env --unset=RUSTFLAGS --unset=CARGO_ENCODED_RUSTFLAGS --unset=CARGO_BUILD_TARGET
        --unset=CARGO_TARGET_DIR --unset=CARGO_BUILD_RUSTFLAGS --unset=CARGO_BUILD_TARGET_DIR
        "RUSTC=${DUNLIN_FOUND_RUSTC}" ${numbers})
    # A host has the room for speed; a device gets what Cargo.toml says.
    if(UNIX AND NOT CMAKE_CROSSCOMPILING)
        list(APPEND env CARGO_PROFILE_RELEASE_OPT_LEVEL=3)
    endif()
    set(std "")
    if(DUNLIN_FOUND_BUILD_STD)
        list(APPEND env RUSTC_BOOTSTRAP=1)
        set(std -Zbuild-std=core,alloc)
    endif()

    set(folder "${DUNLIN_CARGO_DIR}")
    if(NOT folder)
        set(folder "${CMAKE_CURRENT_BINARY_DIR}/cargo/$<CONFIG>")
    endif()
    set(raw "${folder}/${triple}/${results}/${lib}")
    get_property(multi GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
    if(multi)
        set(archive "${CMAKE_CURRENT_BINARY_DIR}/$<CONFIG>/libdunlin.a")
    else()
        set(archive "${CMAKE_CURRENT_BINARY_DIR}/libdunlin.a")
    endif()

    # cargo knows what is out of date, so it always runs.
    add_custom_target(dunlin_cargo
        COMMAND ${CMAKE_COMMAND} -E env ${env} ${DUNLIN_FOUND_CARGO} rustc --quiet ${locked} --lib
            --manifest-path "${package}/Cargo.toml" --crate-type staticlib
            --profile ${profile} --target ${triple} "--features=${features}" ${std}
            --target-dir "${folder}"
        BYPRODUCTS "${raw}"
        WORKING_DIRECTORY "${package}"
        COMMENT "Dunlin: cargo (${triple})"
        USES_TERMINAL VERBATIM)

    # Flags that choose the ABI reach the linker through the compiler.
    separate_arguments(flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")
    list(FILTER flags INCLUDE REGEX "^-(m|-target)")
    if(CMAKE_C_COMPILER_TARGET)
        list(APPEND flags "--target=${CMAKE_C_COMPILER_TARGET}")
    endif()
    set(exports "${source}/tests/abi/exports.txt")
    if(DUNLIN_RUST_EXPORTS)
        set(exports "${CMAKE_CURRENT_BINARY_DIR}/exports.txt")
        file(READ "${source}/tests/abi/exports.txt" names)
        list(JOIN DUNLIN_RUST_EXPORTS "\n" own)
        file(WRITE "${exports}" "${names}${own}\n")
    endif()
    add_custom_command(OUTPUT "${archive}"
        COMMAND ${CMAKE_COMMAND} "-DARCHIVE=${raw}" "-DOUTPUT=${archive}" "-DEXPORTS=${exports}"
            "-DCC=${CMAKE_C_COMPILER}" "-DCFLAGS=${flags}" "-DAR=${CMAKE_AR}"
            "-DOBJCOPY=${CMAKE_OBJCOPY}" -P "${source}/cmake/DunlinPrelink.cmake"
        DEPENDS dunlin_cargo "${raw}" "${exports}" "${source}/cmake/DunlinPrelink.cmake"
        COMMENT "Dunlin: keeping the public symbols only"
        VERBATIM)
    add_custom_target(dunlin_archive ALL DEPENDS "${archive}")
    set(${out} "${archive}" PARENT_SCOPE)
endfunction()
