using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Repo.Tests.Purity;

/// <summary>
/// Lists what an assembly reaches and may not, from its metadata: every assembly, type and member reference, wherever it stands (bodies,
/// signatures, base lists, attributes), and every native import. An analyzer over sources misses types that only appear in signatures.
/// </summary>
internal static class PurityChecker
{
    internal static IReadOnlyList<PurityViolation> Check(string assemblyPath)
    {
        using FileStream file = File.OpenRead(assemblyPath);
        using var image = new PEReader(file);
        MetadataReader metadata = image.GetMetadataReader();
        Dictionary<EntityHandle, SortedSet<string>> users = FindUsers(image, metadata);
        var violations = new List<PurityViolation>();

        foreach (AssemblyReferenceHandle handle in metadata.AssemblyReferences)
        {
            string name = metadata.GetString(metadata.GetAssemblyReference(handle).Name);
            if (PurityRules.WhyAssembly(name) is { } why)
                violations.Add(new PurityViolation($"assembly {name}", [], why));
        }

        foreach (TypeReferenceHandle handle in metadata.TypeReferences)
        {
            TypeReference type = metadata.GetTypeReference(handle);
            if (PurityRules.WhyType(metadata.GetString(type.Namespace), metadata.GetString(type.Name)) is { } why)
                violations.Add(new PurityViolation(FullName(metadata, type), UsersOf(users, handle), why));
        }

        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            MemberReference member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference)
                continue;
            string type = FullName(metadata, metadata.GetTypeReference((TypeReferenceHandle)member.Parent));
            string name = metadata.GetString(member.Name);
            if (PurityRules.WhyMember(type, name) is { } why)
                violations.Add(new PurityViolation($"{type}.{name}", UsersOf(users, handle), why));
        }

        for (int row = 1; row <= metadata.GetTableRowCount(TableIndex.ModuleRef); row++)
            violations.Add(new PurityViolation($"native library {metadata.GetString(metadata.GetModuleReference(MetadataTokens.ModuleReferenceHandle(row)).Name)}", [], "no native code"));
        return violations;
    }

    private static List<string> UsersOf(Dictionary<EntityHandle, SortedSet<string>> users, EntityHandle handle) =>
        users.TryGetValue(handle, out SortedSet<string>? found) ? [.. found] : [];

    private static string FullName(MetadataReader metadata, TypeReference type) =>
        type.Namespace.IsNil ? metadata.GetString(type.Name) : $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";

    // Which methods name a reference in their bodies, to say where a violation is.
    private static Dictionary<EntityHandle, SortedSet<string>> FindUsers(PEReader image, MetadataReader metadata)
    {
        var users = new Dictionary<EntityHandle, SortedSet<string>>();
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0)
                continue;
            string name = $"{TypeName(metadata, method.GetDeclaringType())}.{metadata.GetString(method.Name)}";
            foreach (EntityHandle token in IlTokens.Read(image.GetMethodBody(method.RelativeVirtualAddress).GetILReader()))
                Add(metadata, users, token, name);
        }

        return users;
    }

    private static void Add(MetadataReader metadata, Dictionary<EntityHandle, SortedSet<string>> users, EntityHandle token, string user)
    {
        if (token.Kind == HandleKind.MethodSpecification)
            token = metadata.GetMethodSpecification((MethodSpecificationHandle)token).Method;
        if (!users.TryGetValue(token, out SortedSet<string>? found))
            users[token] = found = [];
        found.Add(user);
        if (token.Kind == HandleKind.MemberReference)
            Add(metadata, users, metadata.GetMemberReference((MemberReferenceHandle)token).Parent, user);
    }

    private static string TypeName(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        string name = metadata.GetString(type.Name);
        if (type.GetDeclaringType() is { IsNil: false } outer)
            return $"{TypeName(metadata, outer)}+{name}";
        return type.Namespace.IsNil ? name : $"{metadata.GetString(type.Namespace)}.{name}";
    }
}
