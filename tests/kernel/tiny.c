// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tiny - write a program of a hundred bytes that only reads single bytes
 *
 * That program starts and ends within microseconds. With --32 it is a 32-bit program, and needs
 * neither a library nor a compiler. Exit status 77: this processor is not supported.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/program.h"

enum { LOAD_AT = 0x400000, PAGE_MAX = 0x10000, CODE_MAX = 64 };

struct code {
	uint16_t machine;
	uint32_t flags;
	const uint8_t *bytes;
	size_t size;
	/* Where the numbers go. */
	size_t count_at;
	size_t fd_at;
};

#if defined(__x86_64__)

/* Both keep the count in esi or r12d, and use the stack as the buffer. */
static const uint8_t bytes_32[] = {
	0xbe, 0,    0, 0, 0, /*    mov $COUNT, %esi */
	0xb8, 3,    0, 0, 0, /* 1: mov $3, %eax: read */
	0xbb, 0,    0, 0, 0, /*    mov $FD, %ebx */
	0x89, 0xe1,	     /*    mov %esp, %ecx */
	0xba, 1,    0, 0, 0, /*    mov $1, %edx */
	0xcd, 0x80,	     /*    int $0x80 */
	0x4e,		     /*    dec %esi */
	0x75, 0xea,	     /*    jnz 1b */
	0xb8, 1,    0, 0, 0, /*    mov $1, %eax: exit */
	0x31, 0xdb,	     /*    xor %ebx, %ebx */
	0xcd, 0x80,	     /*    int $0x80 */
};
static const uint8_t bytes_64[] = {
	0x41, 0xbc, 0,	  0, 0, 0, /*    mov $COUNT, %r12d */
	0x31, 0xc0,		   /* 1: xor %eax, %eax: read */
	0xbf, 0,    0,	  0, 0,	   /*    mov $FD, %edi */
	0x48, 0x89, 0xe6,	   /*    mov %rsp, %rsi */
	0xba, 1,    0,	  0, 0,	   /*    mov $1, %edx */
	0x0f, 0x05,		   /*    syscall */
	0x41, 0xff, 0xcc,	   /*    dec %r12d */
	0x75, 0xea,		   /*    jnz 1b */
	0xb8, 60,   0,	  0, 0,	   /*    mov $60, %eax: exit */
	0x31, 0xff,		   /*    xor %edi, %edi */
	0x0f, 0x05,		   /*    syscall */
};
static const struct code code_32 = {EM_386, 0, bytes_32, sizeof(bytes_32), 1, 11};
static const struct code code_64 = {EM_X86_64, 0, bytes_64, sizeof(bytes_64), 2, 9};

#elif defined(__aarch64__)

/* Both keep the count in r4 or w19, and use the stack as the buffer. */
static const uint8_t bytes_32[] = {
	0x24, 0x40, 0x9f, 0xe5, /*    ldr r4, COUNT */
	0x03, 0x70, 0xa0, 0xe3, /* 1: mov r7, #3: read */
	0x20, 0x00, 0x9f, 0xe5, /*    ldr r0, FD */
	0x0d, 0x10, 0xa0, 0xe1, /*    mov r1, sp */
	0x01, 0x20, 0xa0, 0xe3, /*    mov r2, #1 */
	0x00, 0x00, 0x00, 0xef, /*    svc #0 */
	0x01, 0x40, 0x54, 0xe2, /*    subs r4, r4, #1 */
	0xf8, 0xff, 0xff, 0x1a, /*    bne 1b */
	0x01, 0x70, 0xa0, 0xe3, /*    mov r7, #1: exit */
	0x00, 0x00, 0xa0, 0xe3, /*    mov r0, #0 */
	0x00, 0x00, 0x00, 0xef, /*    svc #0 */
	0,    0,    0,	  0,	/*    COUNT */
	0,    0,    0,	  0,	/*    FD */
};
static const uint8_t bytes_64[] = {
	0x73, 0x01, 0x00, 0x18, /*    ldr w19, COUNT */
	0xe8, 0x07, 0x80, 0xd2, /* 1: mov x8, #63: read */
	0x40, 0x01, 0x00, 0x18, /*    ldr w0, FD */
	0xe1, 0x03, 0x00, 0x91, /*    mov x1, sp */
	0x22, 0x00, 0x80, 0xd2, /*    mov x2, #1 */
	0x01, 0x00, 0x00, 0xd4, /*    svc #0 */
	0x73, 0x06, 0x00, 0x71, /*    subs w19, w19, #1 */
	0x41, 0xff, 0xff, 0x54, /*    b.ne 1b */
	0xa8, 0x0b, 0x80, 0xd2, /*    mov x8, #93: exit */
	0x00, 0x00, 0x80, 0xd2, /*    mov x0, #0 */
	0x01, 0x00, 0x00, 0xd4, /*    svc #0 */
	0,    0,    0,	  0,	/*    COUNT */
	0,    0,    0,	  0,	/*    FD */
};
static const struct code code_32 = {EM_ARM, EF_ARM_EABI_VER5, bytes_32, sizeof(bytes_32), 44, 48};
static const struct code code_64 = {EM_AARCH64, 0, bytes_64, sizeof(bytes_64), 44, 48};

#else

static const struct code code_32;
static const struct code code_64;

#endif

static size_t put_code(uint8_t *to, const struct code *code, uint32_t fd, uint32_t count)
{
	memcpy(to, code->bytes, code->size);
	memcpy(to + code->count_at, &count, sizeof(count));
	memcpy(to + code->fd_at, &fd, sizeof(fd));
	return code->size;
}

static size_t write_32(uint8_t *image, uint32_t fd, uint32_t count)
{
	size_t start = sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr);
	size_t size = start + put_code(image + start, &code_32, fd, count);
	Elf32_Ehdr header = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = code_32.machine,
		.e_version = EV_CURRENT,
		.e_entry = (Elf32_Addr)(LOAD_AT + start),
		.e_phoff = sizeof(Elf32_Ehdr),
		.e_flags = code_32.flags,
		.e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = 1,
	};
	Elf32_Phdr segment = {
		.p_type = PT_LOAD,
		.p_vaddr = LOAD_AT,
		.p_filesz = (Elf32_Word)size,
		.p_memsz = (Elf32_Word)size,
		.p_flags = PF_R | PF_X,
		.p_align = PAGE_MAX,
	};

	memcpy(image, &header, sizeof(header));
	memcpy(image + sizeof(header), &segment, sizeof(segment));
	return size;
}

static size_t write_64(uint8_t *image, uint32_t fd, uint32_t count)
{
	size_t start = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
	size_t size = start + put_code(image + start, &code_64, fd, count);
	Elf64_Ehdr header = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = code_64.machine,
		.e_version = EV_CURRENT,
		.e_entry = LOAD_AT + start,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_flags = code_64.flags,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};
	Elf64_Phdr segment = {
		.p_type = PT_LOAD,
		.p_vaddr = LOAD_AT,
		.p_filesz = size,
		.p_memsz = size,
		.p_flags = PF_R | PF_X,
		.p_align = PAGE_MAX,
	};

	memcpy(image, &header, sizeof(header));
	memcpy(image + sizeof(header), &segment, sizeof(segment));
	return size;
}

int main(int argc, char *argv[])
{
	uint8_t image[sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + CODE_MAX] = {0};
	int narrow = argc > 1 && strcmp(argv[1], "--32") == 0;
	uint32_t count;
	uint32_t fd;
	size_t size;
	int file;

	if (argc - narrow != 4) {
		fputs("usage: tiny [--32] FILE FD COUNT\n"
		      "Write a program to FILE that reads COUNT times one byte from descriptor FD.\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (code_64.size == 0) {
		fputs("tiny: this works on x86-64 and arm64 only\n", stderr);
		return EXIT_SKIPPED;
	}
	argv += narrow;
	fd = (uint32_t)number(argv[2]);
	count = (uint32_t)number(argv[3]);
	size = narrow ? write_32(image, fd, count) : write_64(image, fd, count);
	file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (file < 0 || write(file, image, size) != (ssize_t)size || close(file) < 0)
		die(argv[1]);
	return 0;
}
