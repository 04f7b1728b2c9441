using System.Globalization;

namespace SearchEngine.Embeddings.Cpu.Packing;

/// <summary>Loads models from the cache of packed weights, and keeps there what it has to make.</summary>
internal static class PackedLoader
{
    /// <summary>
    /// Loads a model: with weights mapped from the cache where they are there or could be kept, otherwise as without a cache. What cannot be
    /// done with the cache is no error.
    /// </summary>
    /// <param name="source">What the weights are made of.</param>
    /// <param name="options">Where the cache is; null for none.</param>
    /// <param name="load">Loads the model with what it is given, which is its own from then on.</param>
    public static T Load<T>(PackedSource source, WeightCacheOptions? options, Func<PackedWeights?, T> load)
        where T : SharedWeights
    {
        if (options is null || WeightCacheFolder.Of(options) is not { } folder)
            return load(null);
        string key;
        (long Bytes, int Tensors) size;
        try
        {
            size = source.Size();
            if (size.Bytes == 0 || size.Bytes < options.SmallestModelBytes || !folder.Takes(size.Bytes))
                return load(null);
            key = source.Key();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return load(null); // says what is wrong with the model
        }
        if (folder.Open(key) is { } kept)
            return Load(new PackedWeights(kept), load);
        if (folder.HasRoom(size.Bytes))
            Keep(source, folder, key, size.Tensors, load);
        return folder.Open(key) is { } written ? Load(new PackedWeights(written), load) : load(null);
    }

    /// <summary>Loads the model once only to write what is made of it.</summary>
    private static void Keep<T>(PackedSource source, WeightCacheFolder folder, string key, int tensors, Func<PackedWeights?, T> load)
        where T : SharedWeights
    {
        using var writer = folder.Begin(key, tensors);
        if (writer.HasFailed)
            return;
        var unusable = load(new PackedWeights(writer));
        unusable.AddUser();
        unusable.Release();
        try
        {
            // A file that was changed while it was read is not what the key says.
            if (source.Key() == key)
                folder.Complete(writer, key, source.Model, source.Form);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The model's files are gone: the loading that follows says so.
        }
    }

    /// <summary>What a loading would find, for people.</summary>
    /// <exception cref="ModelFormatException">The model's weights are missing or damaged.</exception>
    public static string Describe(PackedSource source, WeightCacheOptions options)
    {
        var bytes = source.Size().Bytes;
        if (bytes == 0)
            return "as they lie in the model's own file";
        if (bytes < options.SmallestModelBytes)
            return "made at each loading, the model is small";
        if (WeightCacheFolder.Of(options) is not { } folder)
            return "made at each loading, there is no cache";
        if (bytes > options.MaximumBytes)
            return "made at each loading, the model is larger than the cache may be";

        // Only where some weights of this form are kept is it worth to read the whole model for its key.
        var files = folder.List();
        var file = files.Any(file => file.Form == source.Form) ? folder.PathOf(source.Key()) : null;
        return files.FirstOrDefault(kept => kept.Path == file) is { } found
            ? string.Create(CultureInfo.InvariantCulture, $"{found.Bytes} bytes, mapped from {found.Path}")
            : "made and kept at the next loading";
    }

    private static T Load<T>(PackedWeights packed, Func<PackedWeights?, T> load)
    {
        try
        {
            return load(packed);
        }
        catch
        {
            packed.Dispose();
            throw;
        }
    }
}
