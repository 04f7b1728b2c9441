using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Security;

/// <summary>The keys that open the host. Immutable; thread-safe.</summary>
internal sealed class ApiKeyRing
{
    private const string HashPrefix = "sha256:";
    private const string KeyPrefix = "se_";
    private const int KeyBytes = 32;

    private readonly ApiKey[] _keys;

    private ApiKeyRing(ApiKey[] keys) => _keys = keys;

    /// <summary>Whether there is none: then everybody may do everything.</summary>
    public bool IsEmpty => _keys.Length == 0;

    /// <summary>The keys of the settings and of the key file.</summary>
    /// <exception cref="HostException">A key is not as it must be; the message names it.</exception>
    public static ApiKeyRing Load(ApiSettings settings)
    {
        var keys = settings.Keys.Concat(ReadFile(settings.KeyFile)).Select(Parse).ToArray();
        if (keys.GroupBy(key => Convert.ToHexString(key.Hash)).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new HostException($"API keys {string.Join(" and ", twice.Select(key => $"'{key.Name}'"))} have the same hash.");
        return new ApiKeyRing(keys);
    }

    /// <summary>
    /// The caller of a presented key; null where no key is like it. Every key is compared, each in the same time whatever it holds.
    /// </summary>
    public Caller? Find(string presented)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(presented), hash);
        ApiKey? found = null;
        foreach (var key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, key.Hash))
                found = key;
        }

        return found is null ? null : new Caller(found.Name, found.Access, found.Collections);
    }

    /// <summary>A new random key and the hash to put into the settings.</summary>
    public static (string Key, string Hash) Make()
    {
        var key = KeyPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));
        return (key, HashPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
    }

    private static IReadOnlyList<ApiKeySettings> ReadFile(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
            return [];
        try
        {
            var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
            return JsonSerializer.Deserialize<ApiKeySettings[]>(File.ReadAllBytes(path), options) ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new HostException($"The key file {path} cannot be read: {e.Message}", e);
        }
    }

    private static ApiKey Parse(ApiKeySettings settings)
    {
        if (string.IsNullOrWhiteSpace(settings.Name))
            throw new HostException("An API key has no name.");
        if (!Enum.TryParse<Access>(settings.Access, ignoreCase: true, out var access) || access == Access.None || !Enum.IsDefined(access))
            throw new HostException($"API key '{settings.Name}' has access '{settings.Access}': it is read, write or admin.");
        return new ApiKey(settings.Name, ParseHash(settings), access, settings.Collections);
    }

    private static byte[] ParseHash(ApiKeySettings settings)
    {
        try
        {
            if (settings.Hash.StartsWith(HashPrefix, StringComparison.Ordinal))
            {
                var hash = Convert.FromHexString(settings.Hash[HashPrefix.Length..]);
                if (hash.Length == SHA256.HashSizeInBytes)
                    return hash;
            }
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new HostException(
            $"API key '{settings.Name}' has no hash of the form {HashPrefix} and 64 hexadecimal digits; 'searchengine key' makes a key and its hash."
        );
    }
}
