using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using TorchSharp;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// Makes TorchSharp's native library loadable on every supported system. TorchSharp's Linux build names the symbol version
/// GLIBCXX_3.4.32 (GCC 13.2) for <c>std::ios_base_library_init</c>, which nothing in it is relocated against; the loader of Debian 12
/// and Ubuntu 22.04 refuses it for the name alone. There a private copy with that one entry marked weak is loaded in its place. On
/// systems that load the library as it is, nothing happens. Thread-safe.
/// </summary>
internal static class TorchRuntime
{
    private const string LibraryName = "LibTorchSharp";
    private const string LibraryFile = "libLibTorchSharp.so";
    private const string UnneededVersion = "GLIBCXX_3.4.32";

    /// <summary>libtorch's files in the order of their dependencies; the CUDA ones exist only in a CUDA package.</summary>
    private static readonly string[] Dependencies = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    private static readonly Lazy<Exception?> Loaded = new(Load);

    /// <summary>Loads libtorch if it is not loaded yet. Call it before the first use of TorchSharp.</summary>
    /// <exception cref="DllNotFoundException">The native libraries are missing or cannot be loaded; the message says which and
    /// why.</exception>
    public static void EnsureLoaded()
    {
        if (Loaded.Value is Exception fault)
            throw new DllNotFoundException(fault.Message, fault);
    }

    /// <summary>True if this build came with libtorch's CUDA part.</summary>
    public static bool HasCudaLibraries { get; } = Find(OperatingSystem.IsWindows() ? "torch_cuda.dll" : "libtorch_cuda.so") is not null;

    /// <summary>
    /// Also serves code that reaches TorchSharp first without <see cref="EnsureLoaded"/>: asked only when the usual probing failed.
    /// </summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A host must not have to call anything before its first embedding.")]
    internal static void Register()
    {
        if (OperatingSystem.IsLinux())
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (assembly, name) => Resolve(name);
    }

    private static nint Resolve(string name)
    {
        if (name != LibraryName && name != LibraryFile)
            return 0;
        var library = Find(LibraryFile);
        return library is null ? 0 : LoadPatched(library);
    }

    private static Exception? Load()
    {
        try
        {
            PreferKernelsWithoutPlans();
            if (OperatingSystem.IsLinux() && Find(LibraryFile) is string library && !NativeLibrary.TryLoad(library, out _))
                LoadPatched(library);
            Initialize();
            return null;
        }
        catch (FileNotFoundException e)
        {
            return new DllNotFoundException(
                "The program has no TorchSharp, which GPUs, half precision and training run on. "
                    + "Add the package TorchSharp-cpu 0.107.0, or TorchSharp-cuda-linux or TorchSharp-cuda-windows for GPUs.",
                e
            );
        }
        catch (Exception e)
            when (e
                    is DllNotFoundException
                        or NotSupportedException
                        or IOException
                        or UnauthorizedAccessException
                        or TypeInitializationException
                        or InvalidDataException
                        or EntryPointNotFoundException
            )
        {
            return new DllNotFoundException(
                $"libtorch could not be loaded ({e.Message.TrimEnd('.')}). Add the package of this platform to the program (libtorch-cpu-linux-x64, libtorch-cpu-win-x64, libtorch-cpu-osx-arm64, or TorchSharp-cuda-* for GPUs), so that {LibraryFile} and libtorch_cpu lie beside the "
                    + "application or in its runtimes folder.",
                e
            );
        }
    }

    /// <summary>
    /// On Hopper and later libtorch takes cuDNN's attention first, which builds a plan of some 30 ms for every new shape of a batch; texts
    /// have other lengths in each. Its other kernels need none. libtorch reads this once, from the environment of the C library, which
    /// .NET does not write to; whoever has set it keeps it. See pytorch/aten/src/ATen/native/transformers/cuda/sdp_utils.cpp.
    /// </summary>
    private static void PreferKernelsWithoutPlans()
    {
        if (OperatingSystem.IsLinux())
            SetEnvironment("TORCH_CUDNN_SDPA_DEPRIORITIZED", "1", overwrite: 0);
    }

    [DllImport("libc", EntryPoint = "setenv")]
    private static extern int SetEnvironment(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string value,
        int overwrite
    );

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Initialize() => torch.InitializeDeviceType(DeviceType.CPU);

    /// <summary>Where TorchSharp.dll lies; empty where the program has none.</summary>
    private static string TorchSharpFolder()
    {
        try
        {
            return Path.GetDirectoryName(System.Reflection.Assembly.Load("TorchSharp").Location) ?? "";
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    /// <summary>Loads a copy of the library that no longer insists on the version; 0 if that does not help either.</summary>
    private static nint LoadPatched(string library)
    {
        var home = Find("libtorch_cpu.so") is string torchCpu ? Path.GetDirectoryName(torchCpu) : null;
        foreach (var name in Dependencies)
        {
            // Loaded by path here, found by their names when the copy, which lies elsewhere, asks for them.
            if (home is not null && File.Exists(Path.Combine(home, name)))
                NativeLibrary.Load(Path.Combine(home, name));
        }
        var bytes = File.ReadAllBytes(library);
        if (!ElfVersionNeeds.MarkWeak(bytes, UnneededVersion))
            return NativeLibrary.Load(library); // throws the loader's own message
        return LoadCopy(bytes);
    }

    /// <summary>
    /// Loads the copy from the user's cache folder, named by its content, writing it there if it is missing; where no cache can be
    /// written, from a fresh temporary folder, which is deleted once the loader has it.
    /// </summary>
    private static nint LoadCopy(byte[] bytes)
    {
        var name = $"{Path.GetFileNameWithoutExtension(LibraryFile)}-{Convert.ToHexStringLower(SHA256.HashData(bytes)).AsSpan(0, 16)}.so";
        if (UserCache.Folder is string cache)
        {
            try
            {
                return NativeLibrary.Load(Store(Path.Combine(cache, "native"), name, bytes));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A home that is read-only or missing is common in containers; the temporary folder serves.
            }
        }
        var temporary = Directory.CreateTempSubdirectory("searchengine-native-").FullName;
        try
        {
            return NativeLibrary.Load(Store(temporary, name, bytes));
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static string Store(string folder, string name, byte[] bytes)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, OwnerOnly);

        // A folder that others can write to could be made to hold another library.
        if ((File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            throw new UnauthorizedAccessException($"{folder} can be written by others.");
        var path = Path.Combine(folder, name);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
            return path;
        var temporary = Path.Combine(folder, $"{name}.{Guid.NewGuid():N}.tmp");
        File.WriteAllBytes(temporary, bytes);
        File.SetUnixFileMode(temporary, OwnerOnly);
        File.Move(temporary, path, overwrite: true);
        return path;
    }

    /// <summary>A native file where the layouts of <c>dotnet run</c>, <c>publish</c>, tools and the package cache put it.</summary>
    private static string? Find(string file) => SearchFolders().Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> SearchFolders()
    {
        var rid =
            (
                OperatingSystem.IsWindows() ? "win-"
                : OperatingSystem.IsMacOS() ? "osx-"
                : "linux-"
            ) + (RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64");
        foreach (var root in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(typeof(TorchRuntime).Assembly.Location) ?? "" })
        {
            if (root.Length == 0)
                continue;
            yield return root;
            yield return Path.Combine(root, "runtimes", rid, "native");
        }
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string probing)
        {
            foreach (var folder in probing.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
                yield return folder;
        }

        // TorchSharp.dll in the package cache: PACKAGES/torchsharp/VERSION/lib/TFM, its native part and libtorch's beside it.
        var torchSharp = TorchSharpFolder();
        if (torchSharp.Length == 0)
            yield break;
        var packageRoot = Path.GetFullPath(Path.Combine(torchSharp, "..", ".."));
        yield return Path.Combine(packageRoot, "runtimes", rid, "native");
        var packages = Path.GetFullPath(Path.Combine(packageRoot, "..", ".."));
        var libtorch = Path.Combine(packages, $"libtorch-cpu-{rid}");
        if (Directory.Exists(libtorch))
        {
            foreach (var version in Directory.EnumerateDirectories(libtorch).OrderDescending(StringComparer.Ordinal))
                yield return Path.Combine(version, "runtimes", rid, "native");
        }
    }
}
